#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DeleteTopicsResponse {
  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(name, {}, since(6));
      io(topic_id, since(6));
      io(error);
      io(error_message, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(topics);
  }
};

struct DeleteTopicsRequest {
  using Response = DeleteTopicsResponse;
  static constexpr Api kApi{20, "DeleteTopics", 1, 6, 4};

  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(topic_id);
    }
  };

  std::vector<Topic> topics;
  std::vector<std::string> topic_names;
  int32_t timeout_ms = 0;

  template <class Io>
  void fields(Io& io) {
    io(topics, since(6));
    io(topic_names, until(5));
    io(timeout_ms);
  }
};

}  // namespace cne::kafka
