#include "kafka/messages/produce.h"

#include <atomic>
#include <memory>
#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

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

/// A produce whose batches are written and may wait for a sync.
struct Pending {
  CallPtr call;
  ProduceResponse response;
  bool wants_answer = true;
  std::atomic<size_t> left{1};  // one is the handler's own

  void done() {
    if (left.fetch_sub(1) != 1) return;
    if (wants_answer) return call->reply(response);
    // Nobody hears of an error without acks but by the end of the connection.
    for (const auto& topic : response.topics)
      for (const PartitionResponse& partition : topic.partitions)
        if (partition.error != ErrorCode::kNone) return call->hang_up("a produce failed");
    call->reply_nothing();
  }
};

void fail(PartitionResponse& response, ErrorCode error, std::string why) {
  response.error = error;
  response.base_offset = -1;
  if (!why.empty()) response.error_message = std::move(why);
}

void append(Broker& broker, const std::shared_ptr<Pending>& pending,
            const ProduceRequest::Topic& topic, ProduceRequest::Partition& partition,
            PartitionResponse& response) {
  const FoundPartition found =
      find_partition(broker.store(), topic.name, topic.topic_id, partition.index);
  if (!found.log) return fail(response, found.error, "");
  if (is_internal(found.topic->name))
    return fail(response, ErrorCode::kInvalidTopicException, "the topic is the broker's own");
  if (partition.records.null || partition.records.size == 0)
    return fail(response, ErrorCode::kInvalidRecord, "a produce without records");
  log::ForeignAppend how;
  how.leader_epoch = kLeaderEpoch;
  how.allow_zstd = pending->call->version() >= 7;
  const log::AppendOutcome outcome =
      found.log->append_foreign(partition.records.data, partition.records.size, how);
  if (!outcome.ok()) {
    for (const log::RecordFault& record : outcome.records) {
      auto& error = response.record_errors.emplace_back();
      error.batch_index = record.index;
      error.message = record.why;
    }
    return fail(response, error_of(outcome.fault), outcome.why);
  }
  broker.metrics().record_bytes_in.add(static_cast<int64_t>(partition.records.size));
  response.base_offset = outcome.first_offset;
  response.log_append_time_ms = outcome.append_time_ms;
  response.log_start_offset = outcome.start_offset;
  ++pending->left;
  found.log->when_acknowledged(outcome.next_offset, [pending, &response](bool good) {
    if (!good) fail(response, ErrorCode::kKafkaStorageError, "the sync to the disk failed");
    pending->done();
  });
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, ProduceRequest&& request) {
  auto pending = std::make_shared<Pending>();
  pending->call = call;
  pending->wants_answer = request.acks != 0;
  const bool bad_acks = request.acks < -1 || request.acks > 1;
  // The responses stay where they are: what waits for a sync points at them.
  auto& topics = pending->response.topics;
  topics.resize(request.topics.size());
  for (size_t t = 0; t < topics.size(); ++t) {
    auto& asked = request.topics[t];
    topics[t].name = asked.name;
    topics[t].topic_id = asked.topic_id;
    topics[t].partitions.resize(asked.partitions.size());
    for (size_t p = 0; p < asked.partitions.size(); ++p) {
      PartitionResponse& response = topics[t].partitions[p];
      response.index = asked.partitions[p].index;
      if (bad_acks)
        fail(response, ErrorCode::kInvalidRequiredAcks, "");
      else
        append(broker, pending, asked, asked.partitions[p], response);
    }
  }
  pending->done();
}

}  // namespace cne::kafka
