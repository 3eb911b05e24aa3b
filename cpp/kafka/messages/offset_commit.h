#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct OffsetCommitResponse {
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
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(9));
      io(topic_id, since(10));
      io(partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(3));
    io(topics);
  }
};

struct OffsetCommitRequest {
  using Response = OffsetCommitResponse;
  static constexpr Api kApi{8, "OffsetCommit", 2, 10, 8};

  struct Partition {
    int32_t index = 0;
    int64_t offset = 0;
    int32_t leader_epoch = -1;
    std::optional<std::string> metadata;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(offset);
      io(leader_epoch, since(6));
      io(metadata);
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(9));
      io(topic_id, since(10));
      io(partitions);
    }
  };

  std::string group_id;
  int32_t generation_id = -1;  // the member's epoch in the consumer protocol
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(generation_id);
    io(member_id);
    io(group_instance_id, since(7));
    io(retention_time_ms, until(4));
    io(topics);
  }
};

}  // namespace cne::kafka
