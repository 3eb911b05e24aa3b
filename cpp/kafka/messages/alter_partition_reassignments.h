#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AlterPartitionReassignmentsResponse {
  struct Result {
    struct Partition {
      int32_t index = 0;
      ErrorCode error = ErrorCode::kNone;
      std::optional<std::string> error_message;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(error);
        io(error_message);
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
  bool allow_replication_factor_change = true;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Result> responses;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(allow_replication_factor_change, since(1));
    io(error);
    io(error_message);
    io(responses);
  }
};

struct AlterPartitionReassignmentsRequest {
  using Response = AlterPartitionReassignmentsResponse;
  static constexpr Api kApi{45, "AlterPartitionReassignments", 0, 1, 0};

  struct Topic {
    struct Partition {
      int32_t index = 0;
      std::optional<std::vector<int32_t>> replicas;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(replicas);
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

  int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(timeout_ms);
    io(allow_replication_factor_change, since(1));
    io(topics);
  }
};

}  // namespace cne::kafka
