#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct JoinGroupResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    Bytes metadata;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(group_instance_id, since(5));
      io(metadata);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;  // null since version 7
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(2));
    io(error);
    io(generation_id);
    io(protocol_type, since(7));
    io(protocol_name, {}, since(7));
    io(leader);
    io(skip_assignment, since(9));
    io(member_id);
    io(members);
  }
};

struct JoinGroupRequest {
  using Response = JoinGroupResponse;
  static constexpr Api kApi{11, "JoinGroup", 0, 9, 6};

  struct Protocol {
    std::string name;
    Bytes metadata;
    bool operator==(const Protocol&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(metadata);
    }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;  // the session timeout when it is not sent
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  std::optional<std::string> reason;

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(session_timeout_ms);
    io(rebalance_timeout_ms, since(1));
    io(member_id);
    io(group_instance_id, since(5));
    io(protocol_type);
    io(protocols);
    io(reason, since(8));
  }
};

}  // namespace cne::kafka
