#include "kafka/messages/create_acls.h"

#include <vector>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

Acl acl_of(const CreateAclsRequest::Creation& creation) {
  Acl acl;
  acl.type = static_cast<AclResourceType>(creation.resource_type);
  acl.pattern = static_cast<AclPatternType>(creation.resource_pattern_type);
  acl.name = creation.resource_name;
  acl.principal = creation.principal;
  acl.host = creation.host;
  acl.operation = static_cast<AclOperation>(creation.operation);
  acl.permission = static_cast<AclPermission>(creation.permission_type);
  return acl;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, CreateAclsRequest&& request) {
  CreateAclsResponse response;
  response.results.resize(request.creations.size());
  const auto fail_all = [&](ErrorCode error, const char* why) {
    for (auto& result : response.results) {
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
  std::vector<Acl> acls;
  for (size_t i = 0; i < request.creations.size(); ++i) {
    const Acl acl = acl_of(request.creations[i]);
    if (const auto fault = fault_of(acl)) {
      response.results[i].error = ErrorCode::kInvalidRequest;
      response.results[i].error_message = *fault;
    } else {
      acls.push_back(acl);
    }
  }
  try {
    authorizer.store().add(acls);
  } catch (const Error& failure) {
    fail_all(ErrorCode::kUnknownServerError, failure.what());
  }
  call->reply(response);
}

}  // namespace cne::kafka
