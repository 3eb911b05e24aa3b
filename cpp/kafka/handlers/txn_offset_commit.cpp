#include "kafka/messages/txn_offset_commit.h"

#include <utility>
#include <vector>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

TransactionSupport support_of(int16_t version) {
  if (version >= 5) return TransactionSupport::kImplicit;
  return version >= 4 ? TransactionSupport::kAbortable : TransactionSupport::kOld;
}

using Topics = std::vector<TxnOffsetCommitResponse::Topic>;

void fail(const CallPtr& call, const TxnOffsetCommitRequest& request, const Topics& denied,
          ErrorCode error) {
  TxnOffsetCommitResponse response;
  response.topics = answer_all<TxnOffsetCommitResponse::Topic>(request.topics, error);
  append_denied(response.topics, denied);
  call->reply(response);
}

void fail(const CallPtr& call, const TxnOffsetCommitRequest& request, ErrorCode error) {
  fail(call, request, {}, error);
}

}  // namespace

/// The group's partition of __consumer_offsets is part of the transaction as any other.
void handle(Broker& broker, const CallPtr& call, TxnOffsetCommitRequest&& request) {
  if (!broker.authorizer().allows(*call, AclOperation::kWrite,
                                  on_transactional_id(request.transactional_id)))
    return fail(call, request, ErrorCode::kTransactionalIdAuthorizationFailed);
  if (!may(broker, *call, AclOperation::kRead, request.group_id))
    return fail(call, request, ErrorCode::kGroupAuthorizationFailed);
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
  auto denied = take_denied<TxnOffsetCommitResponse::Topic>(broker, *call, AclOperation::kRead,
                                                            request.topics);
  if (request.topics.empty() && !denied.empty()) {
    TxnOffsetCommitResponse response;
    response.topics = std::move(denied);
    return call->reply(response);
  }
  broker.transaction_gate().pass(
      call->loop(), std::move(wanted),
      [&broker, call, request = std::move(request),
       denied = std::move(denied)](const std::vector<TransactionGate::Entry>& entries) {
        const TransactionGate::Entry& entry = entries.front();
        if (entry.error != ErrorCode::kNone) return fail(call, request, denied, entry.error);
        broker.groups().txn_offset_commit(
            group_client(*call), request,
            while_open<TxnOffsetCommitResponse>(
                broker,
                [call, denied](const TxnOffsetCommitResponse& response) {
                  TxnOffsetCommitResponse whole = response;
                  append_denied(whole.topics, denied);
                  call->reply(whole);
                }),
            entry.verification);
      });
}

}  // namespace cne::kafka
