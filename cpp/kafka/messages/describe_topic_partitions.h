#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeTopicPartitionsResponse {
  struct Topic {
    struct Partition {
      ErrorCode error = ErrorCode::kNone;
      int32_t index = 0;
      int32_t leader_id = 0;
      int32_t leader_epoch = -1;
      std::vector<int32_t> replica_nodes;
      std::vector<int32_t> isr_nodes;
      std::optional<std::vector<int32_t>> eligible_leader_replicas;
      std::optional<std::vector<int32_t>> last_known_elr;
      std::vector<int32_t> offline_replicas;
      template <class Io>
      void fields(Io& io) {
        io(error);
        io(index);
        io(leader_id);
        io(leader_epoch);
        io(replica_nodes);
        io(isr_nodes);
        io(eligible_leader_replicas);
        io(last_known_elr);
        io(offline_replicas);
      }
    };
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> name;
    Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(name);
      io(topic_id);
      io(is_internal);
      io(partitions);
      io(topic_authorized_operations);
    }
  };
  struct Cursor {
    std::string name;
    int32_t index = 0;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(index);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  std::optional<Cursor> next_cursor;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(topics);
    io(next_cursor);
  }
};

struct DescribeTopicPartitionsRequest {
  using Response = DescribeTopicPartitionsResponse;
  static constexpr Api kApi{75, "DescribeTopicPartitions", 0, 0, 0};

  struct Topic {
    std::string name;
    template <class Io>
    void fields(Io& io) {
      io(name);
    }
  };
  struct Cursor {
    std::string name;
    int32_t index = 0;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(index);
    }
  };

  std::vector<Topic> topics;
  int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(response_partition_limit);
    io(cursor);
  }
};

}  // namespace cne::kafka
