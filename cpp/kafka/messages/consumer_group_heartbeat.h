#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// Some partitions of one topic, as the consumer protocol (KIP-848) names them.
struct TopicPartitions {
  Uuid topic_id;
  std::vector<int32_t> partitions;
  bool operator==(const TopicPartitions&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(topic_id);
    io(partitions);
  }
};

struct ConsumerGroupHeartbeatResponse {
  struct Assignment {
    std::vector<TopicPartitions> topics;
    template <class Io>
    void fields(Io& io) {
      io(topics);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;  // null: as before

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(member_id);
    io(member_epoch);
    io(heartbeat_interval_ms);
    io(assignment);
  }
};

/// Fields that are null, or -1, did not change since the heartbeat before.
struct ConsumerGroupHeartbeatRequest {
  using Response = ConsumerGroupHeartbeatResponse;
  static constexpr Api kApi{68, "ConsumerGroupHeartbeat", 0, 1, 0};
  // Values of member_epoch.
  static constexpr int32_t kJoin = 0;
  static constexpr int32_t kLeave = -1;
  static constexpr int32_t kLeaveStatic = -2;  // the instance will come back

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> topic_names;
  std::optional<std::string> topic_regex;
  std::optional<std::string> server_assignor;
  std::optional<std::vector<TopicPartitions>> topics;  // that the member owns

  template <class Io>
  void fields(Io& io) {
    io(group_id);
    io(member_id);
    io(member_epoch);
    io(instance_id);
    io(rack_id);
    io(rebalance_timeout_ms);
    io(topic_names);
    io(topic_regex, since(1));
    io(server_assignor);
    io(topics);
  }
};

}  // namespace cne::kafka
