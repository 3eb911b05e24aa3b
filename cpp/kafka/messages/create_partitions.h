#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct CreatePartitionsResponse {
  struct Result {
    std::string name;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(error);
      io(error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(results);
  }
};

struct CreatePartitionsRequest {
  using Response = CreatePartitionsResponse;
  static constexpr Api kApi{37, "CreatePartitions", 0, 3, 2};

  struct Topic {
    struct Assignment {
      std::vector<int32_t> broker_ids;
      template <class Io>
      void fields(Io& io) {
        io(broker_ids);
      }
    };
    std::string name;
    int32_t count = 0;
    std::optional<std::vector<Assignment>> assignments;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(count);
      io(assignments);
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(timeout_ms);
    io(validate_only);
  }
};

}  // namespace cne::kafka
