#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeTransactionsResponse {
  struct TransactionState {
    struct Topic {
      std::string name;
      std::vector<int32_t> partitions;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(partitions);
      }
    };
    ErrorCode error = ErrorCode::kNone;
    std::string transactional_id;
    std::string transaction_state;
    int32_t transaction_timeout_ms = 0;
    int64_t transaction_start_time_ms = 0;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(transactional_id);
      io(transaction_state);
      io(transaction_timeout_ms);
      io(transaction_start_time_ms);
      io(producer_id);
      io(producer_epoch);
      io(topics);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(transaction_states);
  }
};

struct DescribeTransactionsRequest {
  using Response = DescribeTransactionsResponse;
  static constexpr Api kApi{65, "DescribeTransactions", 0, 0, 0};

  std::vector<std::string> transactional_ids;

  template <class Io>
  void fields(Io& io) {
    io(transactional_ids);
  }
};

}  // namespace cne::kafka
