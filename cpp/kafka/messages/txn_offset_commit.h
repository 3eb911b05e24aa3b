#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct TxnOffsetCommitResponse {
  struct Topic {
    struct Partition {
      int32_t index = 0;
      ErrorCode error = ErrorCode::kNone;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(error);
      }
    };
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
    io(throttle_time_ms);
    io(topics);
  }
};

struct TxnOffsetCommitRequest {
  using Response = TxnOffsetCommitResponse;
  static constexpr Api kApi{28, "TxnOffsetCommit", 0, 5, 3};

  struct Topic {
    struct Partition {
      int32_t index = 0;
      int64_t committed_offset = 0;
      int32_t committed_leader_epoch = -1;
      std::optional<std::string> committed_metadata;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(committed_offset);
        io(committed_leader_epoch, since(2));
        io(committed_metadata);
      }
    };
    std::string name;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  std::string transactional_id;
  std::string group_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(transactional_id);
    io(group_id);
    io(producer_id);
    io(producer_epoch);
    io(generation_id, since(3));
    io(member_id, since(3));
    io(group_instance_id, since(3));
    io(topics);
  }
};

}  // namespace cne::kafka
