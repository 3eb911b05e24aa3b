#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ListPartitionReassignmentsResponse {
  struct Topic {
    struct Partition {
      int32_t index = 0;
      std::vector<int32_t> replicas;
      std::vector<int32_t> adding_replicas;
      std::vector<int32_t> removing_replicas;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(replicas);
        io(adding_replicas);
        io(removing_replicas);
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
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(topics);
  }
};

struct ListPartitionReassignmentsRequest {
  using Response = ListPartitionReassignmentsResponse;
  static constexpr Api kApi{46, "ListPartitionReassignments", 0, 0, 0};

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partition_indexes);
    }
  };

  int32_t timeout_ms = 60000;
  std::optional<std::vector<Topic>> topics;

  template <class Io>
  void fields(Io& io) {
    io(timeout_ms);
    io(topics);
  }
};

}  // namespace cne::kafka
