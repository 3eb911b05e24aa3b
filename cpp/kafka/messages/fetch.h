#pragma once

#include "kafka/api.h"
#include "kafka/messages/produce.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct FetchResponse {
  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;
    bool operator==(const EpochEndOffset&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(epoch);
      io(end_offset);
    }
  };
  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;
    bool operator==(const SnapshotId&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(end_offset);
      io(epoch);
    }
  };
  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;
    template <class Io>
    void fields(Io& io) {
      io(producer_id);
      io(first_offset);
    }
  };
  struct Partition {
    int32_t index = 0;
    ErrorCode error = ErrorCode::kNone;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions;
    int32_t preferred_read_replica = -1;
    Records records;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(error);
      io(high_watermark);
      io(last_stable_offset, since(4));
      io(log_start_offset, since(5));
      io(aborted_transactions, since(4));
      io(preferred_read_replica, since(11));
      io(records);
      io.tagged(0, diverging_epoch, since(12));
      io.tagged(1, current_leader, since(12));
      io.tagged(2, snapshot_id, since(12));
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(12));
      io(topic_id, since(13));
      io(partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  int32_t session_id = 0;
  std::vector<Topic> topics;
  std::vector<NodeEndpoint> node_endpoints;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error, since(7));
    io(session_id, since(7));
    io(topics);
    io.tagged(0, node_endpoints, since(16));
  }
};

struct FetchRequest {
  using Response = FetchResponse;
  static constexpr Api kApi{1, "Fetch", 4, 18, 12};

  struct ReplicaState {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;
    bool operator==(const ReplicaState&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(replica_id);
      io(replica_epoch);
    }
  };
  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t max_bytes = 0;
    Uuid replica_directory_id;
    int64_t high_watermark = std::numeric_limits<int64_t>::max();
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(current_leader_epoch, since(9));
      io(fetch_offset);
      io(last_fetched_epoch, since(12));
      io(log_start_offset, since(5));
      io(max_bytes);
      io.tagged(0, replica_directory_id, since(17));
      io.tagged(1, high_watermark, since(18), std::numeric_limits<int64_t>::max());
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(12));
      io(topic_id, since(13));
      io(partitions);
    }
  };
  struct ForgottenTopic {
    std::string name;
    Uuid topic_id;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(12));
      io(topic_id, since(13));
      io(partitions);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  ReplicaState replica_state;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  int8_t isolation_level = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<ForgottenTopic> forgotten_topics;
  std::string rack_id;

  template <class Io>
  void fields(Io& io) {
    io(replica_id, until(14));
    io(max_wait_ms);
    io(min_bytes);
    io(max_bytes, since(3));
    io(isolation_level, since(4));
    io(session_id, since(7));
    io(session_epoch, since(7));
    io(topics);
    io(forgotten_topics, since(7));
    io(rack_id, since(11));
    io.tagged(0, cluster_id, since(12));
    io.tagged(1, replica_state, since(15));
  }
};

}  // namespace cne::kafka
