#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DeleteGroupsResponse {
  struct Result {
    std::string group_id;
    ErrorCode error = ErrorCode::kNone;
    template <class Io>
    void fields(Io& io) {
      io(group_id);
      io(error);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(results);
  }
};

struct DeleteGroupsRequest {
  using Response = DeleteGroupsResponse;
  static constexpr Api kApi{42, "DeleteGroups", 0, 2, 2};

  std::vector<std::string> groups;

  template <class Io>
  void fields(Io& io) {
    io(groups);
  }
};

}  // namespace cne::kafka
