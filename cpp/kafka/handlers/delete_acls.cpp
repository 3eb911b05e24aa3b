#include "kafka/messages/delete_acls.h"

#include <vector>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

using FilterResult = DeleteAclsResponse::FilterResult;

AclFilter filter_of(DeleteAclsRequest::Filter& given) {
  AclFilter filter;
  filter.type = static_cast<AclResourceType>(given.resource_type_filter);
  filter.pattern = static_cast<AclPatternType>(given.pattern_type_filter);
  filter.name = std::move(given.resource_name_filter);
  filter.principal = std::move(given.principal_filter);
  filter.host = std::move(given.host_filter);
  filter.operation = static_cast<AclOperation>(given.operation);
  filter.permission = static_cast<AclPermission>(given.permission_type);
  return filter;
}

void put(const Acl& acl, FilterResult& result) {
  auto& out = result.matching_acls.emplace_back();
  out.resource_type = static_cast<int8_t>(acl.type);
  out.pattern_type = static_cast<int8_t>(acl.pattern);
  out.resource_name = acl.name;
  out.principal = acl.principal;
  out.host = acl.host;
  out.operation = static_cast<int8_t>(acl.operation);
  out.permission_type = static_cast<int8_t>(acl.permission);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DeleteAclsRequest&& request) {
  DeleteAclsResponse response;
  response.filter_results.resize(request.filters.size());
  const auto fail_all = [&](ErrorCode error, const std::string& why) {
    for (FilterResult& result : response.filter_results) {
      if (result.error != ErrorCode::kNone) continue;
      result.error = error;
      result.error_message = why;
    }
  };
  Authorizer& authorizer = broker.authorizer();
  if (!authorizer.is_enabled()) {
    fail_all(ErrorCode::kSecurityDisabled, "no authorizer is configured");
    return call->reply(response);
  }
  if (!authorizer.allows(*call, AclOperation::kAlter, on_cluster())) {
    fail_all(ErrorCode::kClusterAuthorizationFailed, "rules may not be changed");
    return call->reply(response);
  }
  std::vector<AclFilter> filters;
  std::vector<FilterResult*> results;
  for (size_t i = 0; i < request.filters.size(); ++i) {
    AclFilter filter = filter_of(request.filters[i]);
    FilterResult& result = response.filter_results[i];
    if (filter.is_unknown()) {
      result.error = ErrorCode::kInvalidRequest;
      result.error_message = "a filter that is none";
      continue;
    }
    filters.push_back(std::move(filter));
    results.push_back(&result);
  }
  try {
    const auto taken = authorizer.store().remove(filters);
    for (size_t i = 0; i < taken.size(); ++i)
      for (const Acl& acl : taken[i]) put(acl, *results[i]);
  } catch (const Error& failure) {
    fail_all(ErrorCode::kUnknownServerError, failure.what());
  }
  call->reply(response);
}

}  // namespace cne::kafka
