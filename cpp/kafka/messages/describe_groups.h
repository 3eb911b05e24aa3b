#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeGroupsResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    Bytes metadata;
    Bytes assignment;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(group_instance_id, since(4));
      io(client_id);
      io(client_host);
      io(metadata);
      io(assignment);
    }
  };
  struct Group {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<Member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message, since(6));
      io(group_id);
      io(state);
      io(protocol_type);
      io(protocol_data);
      io(members);
      io(authorized_operations, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(groups);
  }
};

struct DescribeGroupsRequest {
  using Response = DescribeGroupsResponse;
  static constexpr Api kApi{15, "DescribeGroups", 0, 6, 5};

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  template <class Io>
  void fields(Io& io) {
    io(groups);
    io(include_authorized_operations, since(3));
  }
};

}  // namespace cne::kafka
