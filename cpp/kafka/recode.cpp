#include "kafka/recode.h"

#include "kafka/decoder.h"
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

using Recode = Frame (*)(const Api& api, int16_t from, int16_t to, uint8_t* body, size_t size);

struct Row {
  Api api;
  Recode request;
  Recode response;
};

template <typename Message>
Frame recode_as(const Api& api, int16_t from, int16_t to, uint8_t* body, size_t size) {
  Message value;
  Decoder decoder(body, size, from, api.is_flexible(from));
  decoder.structure(value);
  if (decoder.left() != 0) decoder.fail("bytes are left behind the message");
  Frame frame;
  Encoder(frame, to, api.is_flexible(to)).structure(value);
  return frame;
}

template <typename Request>
constexpr Row row() {
  return {Request::kApi, &recode_as<Request>, &recode_as<typename Request::Response>};
}

constexpr Row kRows[] = {
    row<AddOffsetsToTxnRequest>(),
    row<AddPartitionsToTxnRequest>(),
    row<AlterClientQuotasRequest>(),
    row<AlterConfigsRequest>(),
    row<AlterPartitionReassignmentsRequest>(),
    row<AlterReplicaLogDirsRequest>(),
    row<AlterUserScramCredentialsRequest>(),
    row<ApiVersionsRequest>(),
    row<ConsumerGroupDescribeRequest>(),
    row<ConsumerGroupHeartbeatRequest>(),
    row<CreateAclsRequest>(),
    row<CreatePartitionsRequest>(),
    row<CreateTopicsRequest>(),
    row<DeleteAclsRequest>(),
    row<DeleteGroupsRequest>(),
    row<DeleteRecordsRequest>(),
    row<DeleteTopicsRequest>(),
    row<DescribeAclsRequest>(),
    row<DescribeClientQuotasRequest>(),
    row<DescribeClusterRequest>(),
    row<DescribeConfigsRequest>(),
    row<DescribeGroupsRequest>(),
    row<DescribeLogDirsRequest>(),
    row<DescribeProducersRequest>(),
    row<DescribeQuorumRequest>(),
    row<DescribeTopicPartitionsRequest>(),
    row<DescribeTransactionsRequest>(),
    row<DescribeUserScramCredentialsRequest>(),
    row<ElectLeadersRequest>(),
    row<EndTxnRequest>(),
    row<FetchRequest>(),
    row<FindCoordinatorRequest>(),
    row<HeartbeatRequest>(),
    row<IncrementalAlterConfigsRequest>(),
    row<InitProducerIdRequest>(),
    row<JoinGroupRequest>(),
    row<LeaveGroupRequest>(),
    row<ListConfigResourcesRequest>(),
    row<ListGroupsRequest>(),
    row<ListOffsetsRequest>(),
    row<ListPartitionReassignmentsRequest>(),
    row<ListTransactionsRequest>(),
    row<MetadataRequest>(),
    row<OffsetCommitRequest>(),
    row<OffsetDeleteRequest>(),
    row<OffsetFetchRequest>(),
    row<OffsetForLeaderEpochRequest>(),
    row<ProduceRequest>(),
    row<SaslAuthenticateRequest>(),
    row<SaslHandshakeRequest>(),
    row<SyncGroupRequest>(),
    row<TxnOffsetCommitRequest>(),
    row<UpdateFeaturesRequest>(),
    row<WriteTxnMarkersRequest>(),
};

}  // namespace

std::optional<Frame> recode(const MessageType& type, uint8_t* body, size_t size,
                            std::optional<int16_t> to_version) {
  const int16_t to = to_version.value_or(type.version);
  for (const Row& row : kRows) {
    if (row.api.key != type.key || !row.api.has(type.version) || !row.api.has(to)) continue;
    return (type.request ? row.request : row.response)(row.api, type.version, to, body, size);
  }
  return std::nullopt;
}

std::vector<Api> message_apis() {
  std::vector<Api> apis;
  for (const Row& row : kRows) apis.push_back(row.api);
  return apis;
}

}  // namespace cne::kafka
