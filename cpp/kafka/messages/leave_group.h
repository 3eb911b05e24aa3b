#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct LeaveGroupResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    ErrorCode error = ErrorCode::kNone;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(group_instance_id);
      io(error);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<Member> members;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error);
    io(members, since(3));
  }
};

struct LeaveGroupRequest {
  using Response = LeaveGroupResponse;
  static constexpr Api kApi{13, "LeaveGroup", 0, 5, 4};

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(group_instance_id);
      io(reason, since(5));
    }
  };

  std::string group_id;
  std::string member_id;  // before version 3
  std::vector<Member> members;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(member_id, until(2));
    io(members, since(3));
  }
};

}  // namespace cne::kafka
