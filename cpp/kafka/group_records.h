#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"
#include "kafka/messages/consumer_group_heartbeat.h"
#include "kafka/messages/join_group.h"
#include "kafka/wire.h"

namespace cne::kafka {

// The records of __consumer_offsets in Kafka's own formats, so that its tools can read them. Keys
// and values begin with an int16: of a key it is the kind of record, of a value its version.

/// What a record is about, by the first number of its key.
enum class GroupRecordKind : int16_t {
  kOldOffset = 0,  // as kOffset
  kOffset = 1,
  kGroup = 2,
  // Groups of the consumer protocol (KIP-848).
  kConsumerGroup = 3,
  kConsumerTopics = 4,  // until Kafka 4.0; only ever deleted by us
  kConsumerMember = 5,
  kTarget = 6,
  kTargetMember = 7,
  kCurrentMember = 8,
  kRegularExpression = 16,
};

struct GroupRecordKey {
  GroupRecordKind kind = GroupRecordKind::kGroup;
  std::string group_id;
  std::string topic;  // of offsets
  int32_t partition = 0;
  std::string member_id;  // of kinds that name a member
  std::string regular_expression;

  bool operator==(const GroupRecordKey&) const = default;
  template <class Io>
  void fields(Io& io) {  // the version is the kind
    io(group_id);
    io(topic, until(1));
    io(partition, until(1));
    io(member_id, between(5, 5));
    io(member_id, between(7, 8));
    io(regular_expression, between(16, 16));
  }
};

/// A committed offset. Written as version 3, with an expiry as 1, with a topic id as 4.
struct OffsetValue {
  static constexpr int16_t kLast = 4;
  static constexpr int16_t kFlexible = 4;
  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  Uuid topic_id;

  bool operator==(const OffsetValue&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(offset);
    io(leader_epoch, since(3));
    io(metadata);
    io(commit_timestamp);
    io(expire_timestamp, between(1, 1));
    io.tagged(0, topic_id, since(4));
  }
};

/// A classic group between two rebalances. Written as version 3.
struct GroupValue {
  static constexpr int16_t kLast = 4;
  static constexpr int16_t kFlexible = 4;
  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = -1;
    int32_t session_timeout_ms = 0;
    Bytes subscription;
    Bytes assignment;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(group_instance_id, since(3));
      io(client_id);
      io(client_host);
      io(rebalance_timeout_ms, since(1));
      io(session_timeout_ms);
      io(subscription);
      io(assignment);
    }
  };
  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  int64_t state_timestamp = -1;
  std::vector<Member> members;

  template <class Io>
  void fields(Io& io) {
    io(protocol_type);
    io(generation);
    io(protocol);
    io(leader);
    io(state_timestamp, since(2));
    io(members);
  }
};

struct ConsumerGroupValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  int32_t epoch = 0;
  int64_t metadata_hash = 0;

  template <class Io>
  void fields(Io& io) {
    io(epoch);
    io.tagged(0, metadata_hash);
  }
};

struct ConsumerMemberValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  /// Of a member that speaks the classic protocol.
  struct Classic {
    int32_t session_timeout_ms = 0;
    std::vector<JoinGroupRequest::Protocol> protocols;
    bool operator==(const Classic&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(session_timeout_ms);
      io(protocols);
    }
  };
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> topic_names;
  std::optional<std::string> topic_regex;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor;
  std::optional<Classic> classic;

  bool operator==(const ConsumerMemberValue&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(instance_id);
    io(rack_id);
    io(client_id);
    io(client_host);
    io(topic_names);
    io(topic_regex);
    io(rebalance_timeout_ms);
    io(server_assignor);
    io.tagged(0, classic);
  }
};

struct TargetValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  int32_t assignment_epoch = 0;
  template <class Io>
  void fields(Io& io) {
    io(assignment_epoch);
  }
};

struct TargetMemberValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  std::vector<TopicPartitions> topics;
  template <class Io>
  void fields(Io& io) {
    io(topics);
  }
};

struct CurrentMemberValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TopicPartitions> assigned;
  std::vector<TopicPartitions> pending_revocation;
  template <class Io>
  void fields(Io& io) {
    io(member_epoch);
    io(previous_member_epoch);
    io(state);
    io(assigned);
    io(pending_revocation);
  }
};

/// The topics that a regular expression of a group's members matched.
struct RegularExpressionValue {
  static constexpr int16_t kLast = 0;
  static constexpr int16_t kFlexible = 0;
  std::vector<std::string> topics;
  int64_t version = 0;
  int64_t timestamp = 0;
  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(version);
    io(timestamp);
  }
};

/// A key, and the bytes of its value; no value deletes what the key names.
struct GroupRecord {
  GroupRecordKey key;
  std::optional<std::string> value;
};
using GroupRecords = std::vector<GroupRecord>;

std::string encode_key(const GroupRecordKey& key);
/// Nothing for kinds that are not known here: those of share and streams groups.
std::optional<GroupRecordKey> decode_key(std::string_view bytes);

std::string encode_value(const OffsetValue& value);
std::string encode_value(const GroupValue& value);
std::string encode_value(const ConsumerGroupValue& value);
std::string encode_value(const ConsumerMemberValue& value);
std::string encode_value(const TargetValue& value);
std::string encode_value(const TargetMemberValue& value);
std::string encode_value(const CurrentMemberValue& value);
std::string encode_value(const RegularExpressionValue& value);
/// Throws WireError for bytes that are none, or of a version that is not known here.
template <typename Value>
Value decode_value(std::string_view bytes);

/// A producer whose transaction records belong to.
struct GroupTransaction {
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  /// What TransactionGate found, once it was asked; see ForeignAppend.
  std::optional<uint64_t> verification;
};

/// One or more record batches of these records.
ByteBuffer encode_records(const GroupRecords& records, int64_t timestamp_ms,
                          const std::optional<GroupTransaction>& transaction = {});

}  // namespace cne::kafka
