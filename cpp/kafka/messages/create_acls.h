#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct CreateAclsResponse {
  struct Result {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
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

struct CreateAclsRequest {
  using Response = CreateAclsResponse;
  static constexpr Api kApi{30, "CreateAcls", 1, 3, 2};

  struct Creation {
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t resource_pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;
    template <class Io>
    void fields(Io& io) {
      io(resource_type);
      io(resource_name);
      io(resource_pattern_type);
      io(principal);
      io(host);
      io(operation);
      io(permission_type);
    }
  };

  std::vector<Creation> creations;

  template <class Io>
  void fields(Io& io) {
    io(creations);
  }
};

}  // namespace cne::kafka
