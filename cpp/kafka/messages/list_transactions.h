#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ListTransactionsResponse {
  struct TransactionState {
    std::string transactional_id;
    int64_t producer_id = 0;
    std::string transaction_state;
    template <class Io>
    void fields(Io& io) {
      io(transactional_id);
      io(producer_id);
      io(transaction_state);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<std::string> unknown_state_filters;
  std::vector<TransactionState> transaction_states;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(unknown_state_filters);
    io(transaction_states);
  }
};

struct ListTransactionsRequest {
  using Response = ListTransactionsResponse;
  static constexpr Api kApi{66, "ListTransactions", 0, 2, 0};

  std::vector<std::string> state_filters;
  std::vector<int64_t> producer_id_filters;
  int64_t duration_filter = -1;
  std::optional<std::string> transactional_id_pattern;

  template <class Io>
  void fields(Io& io) {
    io(state_filters);
    io(producer_id_filters);
    io(duration_filter, since(1));
    io(transactional_id_pattern, since(2));
  }
};

}  // namespace cne::kafka
