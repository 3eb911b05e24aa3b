#include "kafka/messages/describe_user_scram_credentials.h"

#include <map>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DescribeUserScramCredentialsRequest&& request) {
  DescribeUserScramCredentialsResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    response.error_message = "the user may not describe the cluster";
    return call->reply(response);
  }
  const UserStore& users = broker.security().users();
  std::map<std::string, int> times;  // each is answered once
  if (request.users)
    for (const auto& user : *request.users) ++times[user.name];
  if (times.empty())
    for (const std::string& name : users.users()) times[name] = 1;
  for (const auto& [name, count] : times) {
    auto& result = response.results.emplace_back();
    result.user = name;
    const auto credentials = users.find(name);
    if (count > 1) {
      result.error = ErrorCode::kDuplicateResource;
      result.error_message = "the user is named twice in one request";
    } else if (credentials.empty()) {
      result.error = ErrorCode::kResourceNotFound;
      result.error_message = "there is no such user";
    } else {
      for (const auto& [mechanism, credential] : credentials) {
        auto& info = result.credential_infos.emplace_back();
        info.mechanism = static_cast<int8_t>(mechanism);
        info.iterations = credential.iterations;
      }
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
