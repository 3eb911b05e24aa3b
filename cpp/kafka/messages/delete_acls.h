#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DeleteAclsResponse {
  struct FilterResult {
    struct MatchingAcl {
      ErrorCode error = ErrorCode::kNone;
      std::optional<std::string> error_message;
      int8_t resource_type = 0;
      std::string resource_name;
      int8_t pattern_type = 3;
      std::string principal;
      std::string host;
      int8_t operation = 0;
      int8_t permission_type = 0;
      template <class Io>
      void fields(Io& io) {
        io(error);
        io(error_message);
        io(resource_type);
        io(resource_name);
        io(pattern_type);
        io(principal);
        io(host);
        io(operation);
        io(permission_type);
      }
    };
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<MatchingAcl> matching_acls;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
      io(matching_acls);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<FilterResult> filter_results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(filter_results);
  }
};

struct DeleteAclsRequest {
  using Response = DeleteAclsResponse;
  static constexpr Api kApi{31, "DeleteAcls", 1, 3, 2};

  struct Filter {
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

  std::vector<Filter> filters;

  template <class Io>
  void fields(Io& io) {
    io(filters);
  }
};

}  // namespace cne::kafka
