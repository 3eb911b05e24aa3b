#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeAclsResponse {
  struct Resource {
    struct Acl {
      std::string principal;
      std::string host;
      int8_t operation = 0;
      int8_t permission_type = 0;
      template <class Io>
      void fields(Io& io) {
        io(principal);
        io(host);
        io(operation);
        io(permission_type);
      }
    };
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 3;
    std::vector<Acl> acls;
    template <class Io>
    void fields(Io& io) {
      io(resource_type);
      io(resource_name);
      io(pattern_type);
      io(acls);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Resource> resources;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(resources);
  }
};

struct DescribeAclsRequest {
  using Response = DescribeAclsResponse;
  static constexpr Api kApi{29, "DescribeAcls", 1, 3, 2};

  int8_t resource_type_filter = 0;
  std::optional<std::string> resource_name_filter;
  int8_t pattern_type_filter = 3;
  std::optional<std::string> principal_filter;
  std::optional<std::string> host_filter;
  int8_t operation = 0;
  int8_t permission_type = 0;

  template <class Io>
  void fields(Io& io) {
    io(resource_type_filter);
    io(resource_name_filter);
    io(pattern_type_filter);
    io(principal_filter);
    io(host_filter);
    io(operation);
    io(permission_type);
  }
};

}  // namespace cne::kafka
