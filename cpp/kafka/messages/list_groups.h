#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ListGroupsResponse {
  struct Group {
    std::string group_id;
    std::string protocol_type;
    std::string state;
    std::string type;
    template <class Io>
    void fields(Io& io) {
      io(group_id);
      io(protocol_type);
      io(state, since(4));
      io(type, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<Group> groups;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error);
    io(groups);
  }
};

struct ListGroupsRequest {
  using Response = ListGroupsResponse;
  static constexpr Api kApi{16, "ListGroups", 0, 5, 3};

  std::vector<std::string> states;  // empty: all
  std::vector<std::string> types;   // empty: all

  template <class Io>
  void fields(Io& io) {
    io(states, since(4));
    io(types, since(5));
  }
};

}  // namespace cne::kafka
