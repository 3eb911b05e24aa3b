#include "kafka/messages/produce.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"
#include "log/record_batch.h"

namespace cne::kafka {

namespace {

using log::AppendFault;
using PartitionResponse = ProduceResponse::Partition;

ErrorCode error_of(AppendFault fault) {
  switch (fault) {
    case AppendFault::kNone:
      return ErrorCode::kNone;
    case AppendFault::kCorrupt:
      return ErrorCode::kCorruptMessage;
    case AppendFault::kTooLarge:
      return ErrorCode::kMessageTooLarge;
    case AppendFault::kInvalidRecord:
      return ErrorCode::kInvalidRecord;
    case AppendFault::kInvalidTimestamp:
      return ErrorCode::kInvalidTimestamp;
    case AppendFault::kUnsupportedCodec:
      return ErrorCode::kUnsupportedCompressionType;
    case AppendFault::kUnsupportedFormat:
      return ErrorCode::kUnsupportedForMessageFormat;
    case AppendFault::kOutOfOrderSequence:
      return ErrorCode::kOutOfOrderSequenceNumber;
    case AppendFault::kDuplicateSequence:
      return ErrorCode::kDuplicateSequenceNumber;
    case AppendFault::kInvalidProducerEpoch:
      return ErrorCode::kInvalidProducerEpoch;
    case AppendFault::kInvalidTxnState:
      return ErrorCode::kInvalidTxnState;
    case AppendFault::kCoordinatorFenced:
      return ErrorCode::kTransactionCoordinatorFenced;
    case AppendFault::kStorage:
      return ErrorCode::kKafkaStorageError;
    case AppendFault::kClosed:
      return ErrorCode::kUnknownTopicOrPartition;
  }
  return ErrorCode::kUnknownServerError;
}

/// A produce on its way: through the gate of transactions, to the log, and maybe to a sync.
struct Pending {
  Broker& broker;
  CallPtr call;
  ProduceRequest request;
  ProduceResponse response;
  bool wants_answer = true;
  std::atomic<size_t> left{1};  // one is the handler's own

  void done() {
    if (left.fetch_sub(1) != 1) return;
    response.throttle_time_ms = broker.quotas().charge(*call, kProducerByteRate, call->size());
    if (wants_answer) return call->reply(response);
    // Nobody hears of an error without acks but by the end of the connection.
    for (const auto& topic : response.topics)
      for (const PartitionResponse& partition : topic.partitions)
        if (partition.error != ErrorCode::kNone) return call->hang_up("a produce failed");
    call->reply_nothing();
  }
};
using PendingPtr = std::shared_ptr<Pending>;

/// What goes to one partition.
struct Part {
  FoundPartition found;
  Records* records;
  PartitionResponse* response;
  std::optional<log::BatchHeader> transactional;  // of a batch that is part of a transaction
};

std::optional<log::BatchHeader> find_transactional(const Records& records) {
  if (records.null || records.size < log::kBatchHeaderSize) return std::nullopt;
  const log::BatchHeader header = log::read_header(records.data);
  if (header.magic < 2 || !header.transactional()) return std::nullopt;
  return header;
}

void fail(PartitionResponse& response, ErrorCode error, std::string why) {
  response.error = error;
  response.base_offset = -1;
  if (!why.empty()) response.error_message = std::move(why);
}

void append(Broker& broker, const PendingPtr& pending, const Part& part,
            const log::ForeignAppend& how) {
  PartitionResponse& response = *part.response;
  if (!part.found.log) return fail(response, part.found.error, "");
  if (is_internal(part.found.topic->name))
    return fail(response, ErrorCode::kInvalidTopicException, "the topic is the broker's own");
  if (part.records->null || part.records->size == 0)
    return fail(response, ErrorCode::kInvalidRecord, "a produce without records");
  log::AppendOutcome outcome;
  try {
    outcome = part.found.log->append_foreign(part.records->data, part.records->size, how);
  } catch (const std::exception& failure) {  // of this partition alone
    return fail(response, ErrorCode::kUnknownServerError, failure.what());
  }
  if (!outcome.ok()) {
    for (const log::RecordFault& record : outcome.records) {
      auto& error = response.record_errors.emplace_back();
      error.batch_index = record.index;
      error.message = record.why;
    }
    return fail(response, error_of(outcome.fault), outcome.why);
  }
  broker.metrics().record_bytes_in.add(static_cast<int64_t>(part.records->size));
  response.base_offset = outcome.first_offset;
  response.log_append_time_ms = outcome.append_time_ms;
  response.log_start_offset = outcome.start_offset;
  ++pending->left;
  const auto acknowledge = [gate = broker.answer_gate(), pending, &response](bool good) {
    gate->pass([&] {
      if (!good) fail(response, ErrorCode::kKafkaStorageError, "the sync to the disk failed");
      pending->done();
    });
  };
  part.found.log->when_acknowledged(outcome.next_offset, acknowledge);
}

log::ForeignAppend how_to_append(const PendingPtr& pending) {
  log::ForeignAppend how;
  how.leader_epoch = kLeaderEpoch;
  how.allow_zstd = pending->call->version() >= 7;
  return how;
}

/// The response's partitions, which stay where they are: what waits for a sync points at them.
std::vector<Part> open_parts(Broker& broker, const PendingPtr& pending) {
  std::vector<Part> parts;
  auto& topics = pending->response.topics;
  topics.resize(pending->request.topics.size());
  for (size_t t = 0; t < topics.size(); ++t) {
    auto& asked = pending->request.topics[t];
    topics[t].name = asked.name;
    topics[t].topic_id = asked.topic_id;
    topics[t].partitions.resize(asked.partitions.size());
    for (size_t p = 0; p < asked.partitions.size(); ++p) {
      PartitionResponse& response = topics[t].partitions[p];
      response.index = asked.partitions[p].index;
      Records& records = asked.partitions[p].records;
      parts.push_back({find_partition(broker, *pending->call, AclOperation::kWrite, asked.name,
                                      asked.topic_id, response.index),
                       &records, &response, find_transactional(records)});
    }
  }
  return parts;
}

/// Why none of the batches may be written, among which some are part of a transaction.
ErrorCode check_transactional(Broker& broker, const Call& call, const ProduceRequest& request,
                              const std::vector<Part>& parts) {
  if (!request.transactional_id ||
      !broker.authorizer().allows(call, AclOperation::kWrite,
                                  on_transactional_id(*request.transactional_id)))
    return ErrorCode::kTransactionalIdAuthorizationFailed;
  if (request.acks != -1) return ErrorCode::kInvalidRequiredAcks;
  std::set<int64_t> producers;
  for (const Part& part : parts)
    if (part.transactional) producers.insert(part.transactional->producer_id);
  return producers.size() > 1 ? ErrorCode::kInvalidProducerIdMapping : ErrorCode::kNone;
}

TransactionSupport support_of(int16_t version) {
  if (version >= 12) return TransactionSupport::kImplicit;
  return version >= 11 ? TransactionSupport::kAbortable : TransactionSupport::kOld;
}

/// What clients take for a reason to send the batch again.
ErrorCode error_of_verification(ErrorCode error, TransactionSupport support) {
  switch (error) {
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kNotCoordinator:
      return ErrorCode::kNotEnoughReplicas;
    case ErrorCode::kConcurrentTransactions:
      return support == TransactionSupport::kImplicit ? error : ErrorCode::kNotEnoughReplicas;
    default:
      return error;
  }
}

void append_verified(Broker& broker, const PendingPtr& pending, std::vector<Part> parts) {
  TransactionGate::Request request;
  request.transactional_id = *pending->request.transactional_id;
  request.support = support_of(pending->call->version());
  for (const Part& part : parts) {
    if (!part.transactional || !part.found.log || is_internal(part.found.topic->name)) continue;
    const log::BatchHeader& header = *part.transactional;
    request.producer = {header.producer_id, header.producer_epoch};
    request.entries.push_back({part.found.log, header.base_sequence});
  }
  const auto then = [&broker, pending, parts = std::move(parts), support = request.support](
                        const std::vector<TransactionGate::Entry>& entries) {
    auto entry = entries.begin();
    for (const Part& part : parts) {
      log::ForeignAppend how = how_to_append(pending);
      if (entry != entries.end() && part.transactional && part.found.log == entry->log) {
        how.verify = true;
        how.verification = entry->verification;
        const ErrorCode error = (entry++)->error;
        if (error != ErrorCode::kNone) {
          fail(*part.response, error_of_verification(error, support),
               "the partition could not be verified to be part of the transaction");
          continue;
        }
      }
      append(broker, pending, part, how);
    }
    pending->done();
  };
  broker.transaction_gate().pass(pending->call->loop(), std::move(request), then);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, ProduceRequest&& request) {
  auto pending = std::make_shared<Pending>(broker, call);
  pending->wants_answer = request.acks != 0;
  pending->request = std::move(request);
  std::vector<Part> parts = open_parts(broker, pending);
  const int16_t acks = pending->request.acks;
  const bool transactional =
      std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.transactional; });
  ErrorCode error = ErrorCode::kNone;
  if (acks < -1 || acks > 1)
    error = ErrorCode::kInvalidRequiredAcks;
  else if (transactional)
    error = check_transactional(broker, *call, pending->request, parts);
  if (error == ErrorCode::kNone && transactional)
    return append_verified(broker, pending, std::move(parts));
  for (const Part& part : parts) {
    if (error != ErrorCode::kNone)
      fail(*part.response, error, "");
    else
      append(broker, pending, part, how_to_append(pending));
  }
  pending->done();
}

}  // namespace cne::kafka
