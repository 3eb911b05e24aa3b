#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeProducersResponse {
  struct Topic {
    struct Partition {
      struct ActiveProducer {
        int64_t producer_id = 0;
        int32_t producer_epoch = 0;
        int32_t last_sequence = -1;
        int64_t last_timestamp = -1;
        int32_t coordinator_epoch = 0;
        int64_t current_txn_start_offset = -1;
        template <class Io>
        void fields(Io& io) {
          io(producer_id);
          io(producer_epoch);
          io(last_sequence);
          io(last_timestamp);
          io(coordinator_epoch);
          io(current_txn_start_offset);
        }
      };
      int32_t index = 0;
      ErrorCode error = ErrorCode::kNone;
      std::optional<std::string> error_message;
      std::vector<ActiveProducer> active_producers;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(error);
        io(error_message);
        io(active_producers);
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

struct DescribeProducersRequest {
  using Response = DescribeProducersResponse;
  static constexpr Api kApi{61, "DescribeProducers", 0, 0, 0};

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partition_indexes);
    }
  };

  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(topics);
  }
};

}  // namespace cne::kafka
