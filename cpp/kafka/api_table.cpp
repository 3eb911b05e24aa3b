#include "kafka/api_table.h"

#include <algorithm>
#include <new>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/decoder.h"
#include "kafka/failed_response.h"
#include "kafka/handlers/handlers.h"
#include "kafka/messages/add_offsets_to_txn.h"
#include "kafka/messages/add_partitions_to_txn.h"
#include "kafka/messages/alter_client_quotas.h"
#include "kafka/messages/alter_configs.h"
#include "kafka/messages/alter_partition_reassignments.h"
#include "kafka/messages/alter_replica_log_dirs.h"
#include "kafka/messages/alter_user_scram_credentials.h"
#include "kafka/messages/api_versions.h"
#include "kafka/messages/consumer_group_describe.h"
#include "kafka/messages/consumer_group_heartbeat.h"
#include "kafka/messages/create_acls.h"
#include "kafka/messages/create_partitions.h"
#include "kafka/messages/create_topics.h"
#include "kafka/messages/delete_acls.h"
#include "kafka/messages/delete_groups.h"
#include "kafka/messages/delete_records.h"
#include "kafka/messages/delete_topics.h"
#include "kafka/messages/describe_acls.h"
#include "kafka/messages/describe_client_quotas.h"
#include "kafka/messages/describe_cluster.h"
#include "kafka/messages/describe_configs.h"
#include "kafka/messages/describe_groups.h"
#include "kafka/messages/describe_log_dirs.h"
#include "kafka/messages/describe_producers.h"
#include "kafka/messages/describe_quorum.h"
#include "kafka/messages/describe_topic_partitions.h"
#include "kafka/messages/describe_transactions.h"
#include "kafka/messages/describe_user_scram_credentials.h"
#include "kafka/messages/elect_leaders.h"
#include "kafka/messages/end_txn.h"
#include "kafka/messages/fetch.h"
#include "kafka/messages/find_coordinator.h"
#include "kafka/messages/heartbeat.h"
#include "kafka/messages/incremental_alter_configs.h"
#include "kafka/messages/init_producer_id.h"
#include "kafka/messages/join_group.h"
#include "kafka/messages/leave_group.h"
#include "kafka/messages/list_config_resources.h"
#include "kafka/messages/list_groups.h"
#include "kafka/messages/list_offsets.h"
#include "kafka/messages/list_partition_reassignments.h"
#include "kafka/messages/list_transactions.h"
#include "kafka/messages/metadata.h"
#include "kafka/messages/offset_commit.h"
#include "kafka/messages/offset_delete.h"
#include "kafka/messages/offset_fetch.h"
#include "kafka/messages/offset_for_leader_epoch.h"
#include "kafka/messages/produce.h"
#include "kafka/messages/sasl_authenticate.h"
#include "kafka/messages/sasl_handshake.h"
#include "kafka/messages/sync_group.h"
#include "kafka/messages/txn_offset_commit.h"
#include "kafka/messages/update_features.h"
#include "kafka/messages/write_txn_markers.h"

namespace cne::kafka {

namespace {

template <typename Request>
Request decode(Call& call) {
  Request request;
  Decoder decoder(call.body(), call.body_size(), call.version(),
                  Request::kApi.is_flexible(call.version()));
  decoder.structure(request);
  return request;
}

template <typename Request>
void run(Broker& broker, const CallPtr& call) {
  Request request = decode<Request>(*call);
  try {
    handle(broker, call, std::move(request));
  } catch (const WireError&) {
    throw;
  } catch (const std::exception& failure) {
    // The disk, most likely. Where the response has no place for an error, the client has to see
    // the connection end. The handler has the request; its bytes are still here.
    const auto failed = failed_response(decode<Request>(*call), call->version());
    if (failed)
      call->reply(*failed);
    else
      call->hang_up(failure.what());
  }
}

template <typename Request>
constexpr Route route() {
  return {Request::kApi, &run<Request>};
}

/// For requests of no version that is known here: the error alone, which is what most responses
/// begin with.
struct BareError {
  ErrorCode error = ErrorCode::kUnsupportedVersion;
  template <class Io>
  void fields(Io& io) {
    io(error);
  }
};
constexpr Api kUnknownApi{-1, "Unknown", 0, 0, kNeverFlexible};

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> list = {
        route<AddOffsetsToTxnRequest>(),
        route<AddPartitionsToTxnRequest>(),
        route<AlterClientQuotasRequest>(),
        route<AlterConfigsRequest>(),
        route<AlterPartitionReassignmentsRequest>(),
        route<AlterReplicaLogDirsRequest>(),
        route<AlterUserScramCredentialsRequest>(),
        route<ApiVersionsRequest>(),
        route<ConsumerGroupDescribeRequest>(),
        route<ConsumerGroupHeartbeatRequest>(),
        route<CreateAclsRequest>(),
        route<CreatePartitionsRequest>(),
        route<CreateTopicsRequest>(),
        route<DeleteAclsRequest>(),
        route<DeleteGroupsRequest>(),
        route<DeleteRecordsRequest>(),
        route<DeleteTopicsRequest>(),
        route<DescribeAclsRequest>(),
        route<DescribeClientQuotasRequest>(),
        route<DescribeClusterRequest>(),
        route<DescribeConfigsRequest>(),
        route<DescribeGroupsRequest>(),
        route<DescribeLogDirsRequest>(),
        route<DescribeProducersRequest>(),
        route<DescribeQuorumRequest>(),
        route<DescribeTopicPartitionsRequest>(),
        route<DescribeTransactionsRequest>(),
        route<DescribeUserScramCredentialsRequest>(),
        route<ElectLeadersRequest>(),
        route<EndTxnRequest>(),
        route<FetchRequest>(),
        route<FindCoordinatorRequest>(),
        route<HeartbeatRequest>(),
        route<IncrementalAlterConfigsRequest>(),
        route<InitProducerIdRequest>(),
        route<JoinGroupRequest>(),
        route<LeaveGroupRequest>(),
        route<ListConfigResourcesRequest>(),
        route<ListGroupsRequest>(),
        route<ListOffsetsRequest>(),
        route<ListPartitionReassignmentsRequest>(),
        route<ListTransactionsRequest>(),
        route<MetadataRequest>(),
        route<OffsetCommitRequest>(),
        route<OffsetDeleteRequest>(),
        route<OffsetFetchRequest>(),
        route<OffsetForLeaderEpochRequest>(),
        route<ProduceRequest>(),
        route<SaslAuthenticateRequest>(),
        route<SaslHandshakeRequest>(),
        route<SyncGroupRequest>(),
        route<TxnOffsetCommitRequest>(),
        route<UpdateFeaturesRequest>(),
        route<WriteTxnMarkersRequest>(),
    };
    std::sort(list.begin(), list.end(),
              [](const Route& a, const Route& b) { return a.api.key < b.api.key; });
    return list;
  }();
  return all;
}

const Route* find_route(int16_t key) {
  const auto& all = routes();
  const auto found = std::lower_bound(
      all.begin(), all.end(), key, [](const Route& route, int16_t k) { return route.api.key < k; });
  return found != all.end() && found->api.key == key ? &*found : nullptr;
}

void dispatch(Broker& broker, const CallPtr& call) {
  call->on_answer([&broker](Call& answered) {
    broker.metrics().record(answered);
    broker.metrics().bytes_out.add(static_cast<int64_t>(answered.response().size()));
    broker.request_log().answered(answered);
  });
  const Route* route = find_route(call->header().key);
  const bool known = route != nullptr && route->api.has(call->version());
  const bool asks_versions = call->header().key == ApiVersionsRequest::kApi.key;
  call->set_api(route != nullptr ? route->api : kUnknownApi);
  try {
    if (call->header().is_bare_token) return handle_bare_token(broker, call);
    const auto& sasl = call->peer().sasl;
    if (sasl && !sasl->answers(call->header().key, EventLoop::now_ms()))
      return call->hang_up("a request of a peer that is not logged in");
    if (known) {
      route->run(broker, call);
    } else if (asks_versions) {
      // Its handler sees the version, and answers so that every client can read it.
      handle(broker, call, ApiVersionsRequest());
    } else {
      broker.metrics().failed_requests.add();
      call->reply(BareError());
    }
  } catch (const std::exception& failure) {
    broker.metrics().failed_requests.add();
    call->hang_up(failure.what());
  }
}

}  // namespace cne::kafka
