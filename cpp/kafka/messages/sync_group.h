#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct SyncGroupResponse {
  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Bytes assignment;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error);
    io(protocol_type, since(5));
    io(protocol_name, since(5));
    io(assignment);
  }
};

struct SyncGroupRequest {
  using Response = SyncGroupResponse;
  static constexpr Api kApi{14, "SyncGroup", 0, 5, 4};

  struct Assignment {
    std::string member_id;
    Bytes assignment;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(assignment);
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<Assignment> assignments;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(generation_id);
    io(member_id);
    io(group_instance_id, since(3));
    io(protocol_type, since(5));
    io(protocol_name, since(5));
    io(assignments);
  }
};

}  // namespace cne::kafka
