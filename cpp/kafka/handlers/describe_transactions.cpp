#include "kafka/messages/describe_transactions.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/handlers/repeated.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DescribeTransactionsRequest&& request) {
  DescribeTransactionsResponse response;
  drop_repeated(request.transactional_ids);
  for (std::string& id : request.transactional_ids) {
    auto& out = response.transaction_states.emplace_back();
    if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_transactional_id(id))) {
      out.transactional_id = std::move(id);
      out.error = ErrorCode::kTransactionalIdAuthorizationFailed;
      continue;
    }
    const auto found = broker.transactions().find(id);
    if (!found)
      out.error = id.empty() ? ErrorCode::kInvalidRequest : ErrorCode::kTransactionalIdNotFound;
    out.transactional_id = std::move(id);
    if (!found) continue;
    out.transaction_state = state_name(found->state);
    out.transaction_timeout_ms = found->timeout_ms;
    out.transaction_start_time_ms = found->start_ms;
    out.producer_id = found->producer_id;
    out.producer_epoch = found->epoch;
    for (const auto& [topic, index] : found->partitions) {
      if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_topic(topic))) continue;
      if (out.topics.empty() || out.topics.back().name != topic) out.topics.push_back({topic, {}});
      out.topics.back().partitions.push_back(index);
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
