#include "kafka/messages/write_txn_markers.h"

#include <atomic>
#include <memory>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using log::AppendFault;
using PartitionResponse = WriteTxnMarkersResponse::Marker::Topic::Partition;

struct Pending {
  CallPtr call;
  WriteTxnMarkersResponse response;
  std::atomic<size_t> left{1};  // one is the handler's own
  void done() {
    if (left.fetch_sub(1) == 1) call->reply(response);
  }
};

ErrorCode error_of(AppendFault fault) {
  switch (fault) {
    case AppendFault::kNone:
      return ErrorCode::kNone;
    case AppendFault::kInvalidProducerEpoch:
      return ErrorCode::kInvalidProducerEpoch;
    case AppendFault::kCoordinatorFenced:
      return ErrorCode::kTransactionCoordinatorFenced;
    case AppendFault::kClosed:
      return ErrorCode::kUnknownTopicOrPartition;
    default:
      return ErrorCode::kKafkaStorageError;
  }
}

void write(Broker& broker, const std::shared_ptr<Pending>& pending,
           const WriteTxnMarkersRequest::Marker& marker, const std::string& topic,
           PartitionResponse& response) {
  const Authorizer& authorizer = broker.authorizer();
  if (!authorizer.allows(*pending->call, AclOperation::kClusterAction, on_cluster()) &&
      !authorizer.allows(*pending->call, AclOperation::kAlter, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return;
  }
  const FoundPartition found = find_partition(broker.store(), topic, {}, response.index);
  if (!found.log) {
    response.error = ErrorCode::kUnknownTopicOrPartition;
    return;
  }
  const log::AppendOutcome outcome =
      found.log->append_marker(marker.producer_id, marker.producer_epoch, marker.transaction_result,
                               marker.coordinator_epoch);
  if (!outcome.ok()) {
    response.error = error_of(outcome.fault);
    return;
  }
  if (topic == kOffsetsTopic)
    broker.groups().end_transaction(response.index, marker.producer_id, marker.transaction_result);
  ++pending->left;
  const auto acknowledge = [gate = broker.answer_gate(), pending, &response](bool ok) {
    gate->pass([&] {
      if (!ok) response.error = ErrorCode::kKafkaStorageError;
      pending->done();
    });
  };
  found.log->when_acknowledged(outcome.next_offset, acknowledge);
}

}  // namespace

/// What brokers send each other, and tools that end a transaction which hangs.
void handle(Broker& broker, const CallPtr& call, WriteTxnMarkersRequest&& request) {
  auto pending = std::make_shared<Pending>();
  pending->call = call;
  // The answers stay where they are: what waits for a sync points at them.
  auto& markers = pending->response.markers;
  markers.resize(request.markers.size());
  for (size_t m = 0; m < markers.size(); ++m) {
    const auto& asked = request.markers[m];
    markers[m].producer_id = asked.producer_id;
    markers[m].topics.resize(asked.topics.size());
    for (size_t t = 0; t < asked.topics.size(); ++t) {
      auto& topic = markers[m].topics[t];
      topic.name = asked.topics[t].name;
      topic.partitions.resize(asked.topics[t].partition_indexes.size());
      for (size_t p = 0; p < topic.partitions.size(); ++p) {
        topic.partitions[p].index = asked.topics[t].partition_indexes[p];
        write(broker, pending, asked, topic.name, topic.partitions[p]);
      }
    }
  }
  pending->done();
}

}  // namespace cne::kafka
