#include "kafka/messages/consumer_group_describe.h"

#include <algorithm>
#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"
#include "kafka/handlers/repeated.h"

namespace cne::kafka {

namespace {

using Response = ConsumerGroupDescribeResponse;

/// Whether the peer may know of every topic that the members have or ask for.
bool may_see_topics(Broker& broker, const Call& call, const Response::Group& group) {
  const auto may_see = [&](const std::string& topic) {
    return broker.authorizer().allows(call, AclOperation::kDescribe, on_topic(topic));
  };
  const auto may_see_all = [&](const Response::Assignment& assignment) {
    return std::all_of(assignment.topics.begin(), assignment.topics.end(),
                       [&](const Response::Topic& topic) { return may_see(topic.name); });
  };
  return std::all_of(
      group.members.begin(), group.members.end(), [&](const Response::Member& member) {
        return std::all_of(member.topic_names.begin(), member.topic_names.end(), may_see) &&
               may_see_all(member.assignment) && may_see_all(member.target);
      });
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, ConsumerGroupDescribeRequest&& request) {
  Response response;
  drop_repeated(request.groups);
  for (const std::string& id : request.groups) {
    Response::Group denied;
    denied.group_id = id;
    if (!may(broker, *call, AclOperation::kDescribe, id)) {
      denied.error = ErrorCode::kGroupAuthorizationFailed;
      response.groups.push_back(std::move(denied));
      continue;
    }
    auto group = broker.groups().describe_consumer_group(id);
    if (broker.authorizer().is_enabled() && !may_see_topics(broker, *call, group)) {
      denied.error = ErrorCode::kTopicAuthorizationFailed;
      denied.error_message = "a topic of the group may not be described";
      response.groups.push_back(std::move(denied));
      continue;
    }
    if (request.include_authorized_operations && group.error == ErrorCode::kNone)
      group.authorized_operations = broker.authorizer().operations(*call, on_group(id));
    response.groups.push_back(std::move(group));
  }
  call->reply(response);
}

}  // namespace cne::kafka
