#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ElectLeadersResponse {
  struct ReplicaElectionResult {
    struct PartitionResult {
      int32_t partition_id = 0;
      ErrorCode error = ErrorCode::kNone;
      std::optional<std::string> error_message;
      template <class Io>
      void fields(Io& io) {
        io(partition_id);
        io(error);
        io(error_message);
      }
    };
    std::string name;
    std::vector<PartitionResult> partition_result;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partition_result);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<ReplicaElectionResult> replica_election_results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error, since(1));
    io(replica_election_results);
  }
};

struct ElectLeadersRequest {
  using Response = ElectLeadersResponse;
  static constexpr Api kApi{43, "ElectLeaders", 0, 2, 2};

  struct TopicPartition {
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  int8_t election_type = 0;
  std::optional<std::vector<TopicPartition>> topic_partitions;
  int32_t timeout_ms = 60000;

  template <class Io>
  void fields(Io& io) {
    io(election_type, since(1));
    io(topic_partitions);
    io(timeout_ms);
  }
};

}  // namespace cne::kafka
