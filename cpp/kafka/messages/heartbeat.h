#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct HeartbeatResponse {
  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error);
  }
};

struct HeartbeatRequest {
  using Response = HeartbeatResponse;
  static constexpr Api kApi{12, "Heartbeat", 0, 4, 4};

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(generation_id);
    io(member_id);
    io(group_instance_id, since(3));
  }
};

}  // namespace cne::kafka
