#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ListOffsetsResponse {
  struct Partition {
    int32_t index = 0;
    ErrorCode error = ErrorCode::kNone;
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(error);
      io(timestamp);
      io(offset);
      io(leader_epoch, since(4));
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

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(2));
    io(topics);
  }
};

struct ListOffsetsRequest {
  using Response = ListOffsetsResponse;
  static constexpr Api kApi{2, "ListOffsets", 1, 11, 6};

  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(current_leader_epoch, since(4));
      io(timestamp);
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

  int32_t replica_id = -1;
  int8_t isolation_level = 0;
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  template <class Io>
  void fields(Io& io) {
    io(replica_id);
    io(isolation_level, since(2));
    io(topics);
    io(timeout_ms, since(10));
  }
};

}  // namespace cne::kafka
