#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct InitProducerIdResponse {
  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(producer_id);
    io(producer_epoch);
  }
};

struct InitProducerIdRequest {
  using Response = InitProducerIdResponse;
  static constexpr Api kApi{22, "InitProducerId", 0, 5, 2};

  std::optional<std::string> transactional_id;
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  template <class Io>
  void fields(Io& io) {
    io(transactional_id);
    io(transaction_timeout_ms);
    io(producer_id, since(3));
    io(producer_epoch, since(3));
  }
};

}  // namespace cne::kafka
