#pragma once

#include "kafka/call.h"

namespace cne::kafka {

class Broker;

// One handler an API, in a file of the API's name. It answers the call, now or later, once; what it
// throws is answered with the response's own error.

struct AddOffsetsToTxnRequest;
struct AddPartitionsToTxnRequest;
struct AlterClientQuotasRequest;
struct AlterConfigsRequest;
struct AlterPartitionReassignmentsRequest;
struct AlterReplicaLogDirsRequest;
struct AlterUserScramCredentialsRequest;
struct ApiVersionsRequest;
struct ConsumerGroupDescribeRequest;
struct ConsumerGroupHeartbeatRequest;
struct CreateAclsRequest;
struct CreatePartitionsRequest;
struct CreateTopicsRequest;
struct DeleteAclsRequest;
struct DeleteGroupsRequest;
struct DeleteRecordsRequest;
struct DeleteTopicsRequest;
struct DescribeAclsRequest;
struct DescribeClientQuotasRequest;
struct DescribeClusterRequest;
struct DescribeConfigsRequest;
struct DescribeGroupsRequest;
struct DescribeLogDirsRequest;
struct DescribeProducersRequest;
struct DescribeQuorumRequest;
struct DescribeTopicPartitionsRequest;
struct DescribeTransactionsRequest;
struct DescribeUserScramCredentialsRequest;
struct ElectLeadersRequest;
struct EndTxnRequest;
struct FetchRequest;
struct FindCoordinatorRequest;
struct HeartbeatRequest;
struct IncrementalAlterConfigsRequest;
struct InitProducerIdRequest;
struct JoinGroupRequest;
struct LeaveGroupRequest;
struct ListConfigResourcesRequest;
struct ListGroupsRequest;
struct ListOffsetsRequest;
struct ListPartitionReassignmentsRequest;
struct ListTransactionsRequest;
struct MetadataRequest;
struct OffsetCommitRequest;
struct OffsetDeleteRequest;
struct OffsetFetchRequest;
struct OffsetForLeaderEpochRequest;
struct ProduceRequest;
struct SaslAuthenticateRequest;
struct SaslHandshakeRequest;
struct SyncGroupRequest;
struct TxnOffsetCommitRequest;
struct UpdateFeaturesRequest;
struct WriteTxnMarkersRequest;

void handle(Broker& broker, const CallPtr& call, AddOffsetsToTxnRequest&& request);
void handle(Broker& broker, const CallPtr& call, AddPartitionsToTxnRequest&& request);
void handle(Broker& broker, const CallPtr& call, AlterClientQuotasRequest&& request);
void handle(Broker& broker, const CallPtr& call, AlterConfigsRequest&& request);
void handle(Broker& broker, const CallPtr& call, AlterPartitionReassignmentsRequest&& request);
void handle(Broker& broker, const CallPtr& call, AlterReplicaLogDirsRequest&& request);
void handle(Broker& broker, const CallPtr& call, AlterUserScramCredentialsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ApiVersionsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ConsumerGroupDescribeRequest&& request);
void handle(Broker& broker, const CallPtr& call, ConsumerGroupHeartbeatRequest&& request);
void handle(Broker& broker, const CallPtr& call, CreateAclsRequest&& request);
void handle(Broker& broker, const CallPtr& call, CreatePartitionsRequest&& request);
void handle(Broker& broker, const CallPtr& call, CreateTopicsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DeleteAclsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DeleteGroupsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DeleteRecordsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DeleteTopicsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeAclsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeClientQuotasRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeClusterRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeConfigsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeGroupsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeLogDirsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeProducersRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeQuorumRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeTopicPartitionsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeTransactionsRequest&& request);
void handle(Broker& broker, const CallPtr& call, DescribeUserScramCredentialsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ElectLeadersRequest&& request);
void handle(Broker& broker, const CallPtr& call, EndTxnRequest&& request);
void handle(Broker& broker, const CallPtr& call, FetchRequest&& request);
void handle(Broker& broker, const CallPtr& call, FindCoordinatorRequest&& request);
void handle(Broker& broker, const CallPtr& call, HeartbeatRequest&& request);
void handle(Broker& broker, const CallPtr& call, IncrementalAlterConfigsRequest&& request);
void handle(Broker& broker, const CallPtr& call, InitProducerIdRequest&& request);
void handle(Broker& broker, const CallPtr& call, JoinGroupRequest&& request);
void handle(Broker& broker, const CallPtr& call, LeaveGroupRequest&& request);
void handle(Broker& broker, const CallPtr& call, ListConfigResourcesRequest&& request);
void handle(Broker& broker, const CallPtr& call, ListGroupsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ListOffsetsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ListPartitionReassignmentsRequest&& request);
void handle(Broker& broker, const CallPtr& call, ListTransactionsRequest&& request);
void handle(Broker& broker, const CallPtr& call, MetadataRequest&& request);
void handle(Broker& broker, const CallPtr& call, OffsetCommitRequest&& request);
void handle(Broker& broker, const CallPtr& call, OffsetDeleteRequest&& request);
void handle(Broker& broker, const CallPtr& call, OffsetFetchRequest&& request);
void handle(Broker& broker, const CallPtr& call, OffsetForLeaderEpochRequest&& request);
void handle(Broker& broker, const CallPtr& call, ProduceRequest&& request);
void handle(Broker& broker, const CallPtr& call, SaslAuthenticateRequest&& request);
void handle(Broker& broker, const CallPtr& call, SaslHandshakeRequest&& request);
void handle(Broker& broker, const CallPtr& call, SyncGroupRequest&& request);
void handle(Broker& broker, const CallPtr& call, TxnOffsetCommitRequest&& request);
void handle(Broker& broker, const CallPtr& call, UpdateFeaturesRequest&& request);
void handle(Broker& broker, const CallPtr& call, WriteTxnMarkersRequest&& request);

/// A frame that is a token of SASL without a header, as after a handshake of version 0.
void handle_bare_token(Broker& broker, const CallPtr& call);

}  // namespace cne::kafka
