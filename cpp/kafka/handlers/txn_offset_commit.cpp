#include "kafka/messages/txn_offset_commit.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

TransactionSupport support_of(int16_t version) {
  if (version >= 5) return TransactionSupport::kImplicit;
  return version >= 4 ? TransactionSupport::kAbortable : TransactionSupport::kOld;
}

void fail(const CallPtr& call, const TxnOffsetCommitRequest& request, ErrorCode error) {
  TxnOffsetCommitResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    for (const auto& partition : asked.partitions)
      topic.partitions.push_back({partition.index, error});
  }
  call->reply(response);
}

}  // namespace

/// The group's partition of __consumer_offsets is part of the transaction as any other.
void handle(Broker& broker, const CallPtr& call, TxnOffsetCommitRequest&& request) {
  if (request.group_id.empty()) return fail(call, request, ErrorCode::kInvalidGroupId);
  TransactionGate::Request wanted;
  wanted.transactional_id = request.transactional_id;
  wanted.producer = {request.producer_id, request.producer_epoch};
  wanted.support = support_of(call->version());
  try {
    wanted.entries.push_back({broker.offsets_log(request.group_id), -1});
  } catch (const Error&) {
    return fail(call, request, ErrorCode::kCoordinatorNotAvailable);
  }
  if (!wanted.entries.front().log) return fail(call, request, ErrorCode::kCoordinatorNotAvailable);
  broker.transaction_gate().pass(call->loop(), std::move(wanted),
                                 [&broker, call, request = std::move(request)](
                                     const std::vector<TransactionGate::Entry>& entries) {
                                   const TransactionGate::Entry& entry = entries.front();
                                   if (entry.error != ErrorCode::kNone)
                                     return fail(call, request, entry.error);
                                   broker.groups().txn_offset_commit(
                                       group_client(*call), request,
                                       reply_to<TxnOffsetCommitResponse>(call), entry.verification);
                                 });
}

}  // namespace cne::kafka
