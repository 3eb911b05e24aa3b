#include "kafka/messages/offset_commit.h"

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetCommitRequest&& request) {
  using Topic = OffsetCommitResponse::Topic;
  if (!may(broker, *call, AclOperation::kRead, request.group_id)) {
    OffsetCommitResponse response;
    response.topics = answer_all<Topic>(request.topics, ErrorCode::kGroupAuthorizationFailed);
    return call->reply(response);
  }
  const auto denied = take_denied<Topic>(broker, *call, AclOperation::kRead, request.topics);
  if (denied.empty())
    return broker.groups().offset_commit(group_client(*call), request,
                                         reply_to<OffsetCommitResponse>(broker, call));
  broker.groups().offset_commit(group_client(*call), request,
                                while_open<OffsetCommitResponse>(
                                    broker, [call, denied](const OffsetCommitResponse& response) {
                                      OffsetCommitResponse whole = response;
                                      append_denied(whole.topics, denied);
                                      call->reply(whole);
                                    }));
}

}  // namespace cne::kafka
