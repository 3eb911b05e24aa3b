#include "kafka/messages/list_transactions.h"

#include <set>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ListTransactionsRequest&& request) {
  ListTransactionsResponse response;
  std::set<TransactionState> states;
  for (const std::string& name : request.state_filters) {
    if (const auto state = parse_transaction_state(name))
      states.insert(*state);
    else
      response.unknown_state_filters.push_back(name);
  }
  const std::set<int64_t> producers(request.producer_id_filters.begin(),
                                    request.producer_id_filters.end());
  const int64_t now_ms = broker.now_ms();
  const auto wanted = [&](const std::string& id, const Transaction& value) {
    if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_transactional_id(id)))
      return false;
    if (!states.empty() && !states.contains(value.state)) return false;
    if (!producers.empty() && !producers.contains(value.producer_id)) return false;
    return request.duration_filter < 0 || now_ms - value.start_ms > request.duration_filter;
  };
  for (const auto& [id, value] : broker.transactions().list(wanted)) {
    auto& out = response.transaction_states.emplace_back();
    out.transactional_id = id;
    out.producer_id = value.producer_id;
    out.transaction_state = state_name(value.state);
  }
  call->reply(response);
}

}  // namespace cne::kafka
