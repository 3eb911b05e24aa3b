#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct EndTxnResponse {
  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(producer_id, since(5));
    io(producer_epoch, since(5));
  }
};

struct EndTxnRequest {
  using Response = EndTxnResponse;
  static constexpr Api kApi{26, "EndTxn", 0, 5, 3};

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  bool committed = false;

  template <class Io>
  void fields(Io& io) {
    io(transactional_id);
    io(producer_id);
    io(producer_epoch);
    io(committed);
  }
};

}  // namespace cne::kafka
