#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct OffsetDeleteResponse {
  struct Partition {
    int32_t index = 0;
    ErrorCode error = ErrorCode::kNone;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(error);
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  ErrorCode error = ErrorCode::kNone;
  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(error);
    io(throttle_time_ms);
    io(topics);
  }
};

struct OffsetDeleteRequest {
  using Response = OffsetDeleteResponse;
  static constexpr Api kApi{47, "OffsetDelete", 0, 0, kNeverFlexible};

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  std::string group_id;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(topics);
  }
};

}  // namespace cne::kafka
