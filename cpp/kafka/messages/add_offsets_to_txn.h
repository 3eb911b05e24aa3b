#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AddOffsetsToTxnResponse {
  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
  }
};

struct AddOffsetsToTxnRequest {
  using Response = AddOffsetsToTxnResponse;
  static constexpr Api kApi{25, "AddOffsetsToTxn", 0, 4, 3};

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  std::string group_id;

  template <class Io>
  void fields(Io& io) {
    io(transactional_id);
    io(producer_id);
    io(producer_epoch);
    io(group_id);
  }
};

}  // namespace cne::kafka
