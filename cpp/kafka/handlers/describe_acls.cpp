#include "kafka/messages/describe_acls.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

AclFilter filter_of(DescribeAclsRequest& request) {
  AclFilter filter;
  filter.type = static_cast<AclResourceType>(request.resource_type_filter);
  filter.pattern = static_cast<AclPatternType>(request.pattern_type_filter);
  filter.name = std::move(request.resource_name_filter);
  filter.principal = std::move(request.principal_filter);
  filter.host = std::move(request.host_filter);
  filter.operation = static_cast<AclOperation>(request.operation);
  filter.permission = static_cast<AclPermission>(request.permission_type);
  return filter;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DescribeAclsRequest&& request) {
  DescribeAclsResponse response;
  Authorizer& authorizer = broker.authorizer();
  const auto fail = [&](ErrorCode error, const char* why) {
    response.error = error;
    response.error_message = why;
    call->reply(response);
  };
  if (!authorizer.is_enabled())
    return fail(ErrorCode::kSecurityDisabled, "no authorizer is configured");
  if (!authorizer.allows(*call, AclOperation::kDescribe, on_cluster()))
    return fail(ErrorCode::kClusterAuthorizationFailed, "rules may not be described");
  const AclFilter filter = filter_of(request);
  if (filter.is_unknown()) return fail(ErrorCode::kInvalidRequest, "a filter that is none");
  // They come in the order of resources.
  for (const Acl& acl : authorizer.store().list(filter)) {
    const auto type = static_cast<int8_t>(acl.type);
    const auto pattern = static_cast<int8_t>(acl.pattern);
    auto& resources = response.resources;
    if (resources.empty() || resources.back().resource_type != type ||
        resources.back().pattern_type != pattern || resources.back().resource_name != acl.name) {
      auto& resource = resources.emplace_back();
      resource.resource_type = type;
      resource.pattern_type = pattern;
      resource.resource_name = acl.name;
    }
    auto& out = resources.back().acls.emplace_back();
    out.principal = acl.principal;
    out.host = acl.host;
    out.operation = static_cast<int8_t>(acl.operation);
    out.permission_type = static_cast<int8_t>(acl.permission);
  }
  call->reply(response);
}

}  // namespace cne::kafka
