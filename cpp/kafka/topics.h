#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "kafka/acl.h"
#include "kafka/call.h"
#include "kafka/error_code.h"
#include "kafka/wire.h"
#include "log/partition_log.h"
#include "log/topic_store.h"

namespace cne::kafka {

class Broker;

/// One broker leads every partition from its beginning.
constexpr int32_t kLeaderEpoch = 0;

/// More in one topic are taken for a mistake.
constexpr int32_t kMaxPartitions = 100'000;

constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
constexpr std::string_view kTransactionsTopic = "__transaction_state";

/// Of Kafka's controllers; there is none here, and no client makes one.
constexpr std::string_view kMetadataTopic = "__cluster_metadata";

/// Whether it is the broker's to make, write and delete.
inline bool is_internal(std::string_view topic) {
  return topic == kOffsetsTopic || topic == kTransactionsTopic || topic == kMetadataTopic;
}

/// Kafka's rule: 1 to 249 letters, digits, '.', '_', '-'; not "." or "..".
bool is_topic_name(std::string_view name);

/// A partition that a request names, by its topic's id where it has one, else by name; or the error
/// to answer.
struct FoundPartition {
  std::shared_ptr<log::PartitionLog> log;
  std::shared_ptr<const log::TopicStore::TopicInfo> topic;  // null: there is none
  ErrorCode error = ErrorCode::kNone;
};
FoundPartition find_partition(log::TopicStore& store, const std::string& topic,
                              const Uuid& topic_id, int32_t index);

/// The same for the peer of a call, who may not even know whether there is a topic of a name unless
/// the operation is allowed: kTopicAuthorizationFailed.
FoundPartition find_partition(Broker& broker, const Call& call, AclOperation operation,
                              const std::string& topic, const Uuid& topic_id, int32_t index);

/// Compares the epoch that a client believes in; -1 is no belief.
ErrorCode check_leader_epoch(int32_t epoch);

}  // namespace cne::kafka
