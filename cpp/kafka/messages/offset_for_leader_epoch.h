#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct OffsetForLeaderEpochResponse {
  struct Partition {
    ErrorCode error = ErrorCode::kNone;
    int32_t index = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(index);
      io(leader_epoch, since(1));
      io(end_offset);
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

struct OffsetForLeaderEpochRequest {
  using Response = OffsetForLeaderEpochResponse;
  static constexpr Api kApi{23, "OffsetForLeaderEpoch", 2, 4, 4};

  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(current_leader_epoch, since(2));
      io(leader_epoch);
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

  int32_t replica_id = -2;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(replica_id, since(3));
    io(topics);
  }
};

}  // namespace cne::kafka
