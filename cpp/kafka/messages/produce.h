#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// The leader that a response names where the broker is not the one; here it always is.
struct LeaderIdAndEpoch {
  int32_t leader_id = -1;
  int32_t leader_epoch = -1;
  bool operator==(const LeaderIdAndEpoch&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(leader_id);
    io(leader_epoch);
  }
};

struct NodeEndpoint {
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::optional<std::string> rack;
  bool operator==(const NodeEndpoint&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(node_id);
    io(host);
    io(port);
    io(rack);
  }
};

struct ProduceResponse {
  struct RecordError {
    int32_t batch_index = 0;
    std::optional<std::string> message;
    template <class Io>
    void fields(Io& io) {
      io(batch_index);
      io(message);
    }
  };
  struct Partition {
    int32_t index = 0;
    ErrorCode error = ErrorCode::kNone;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(error);
      io(base_offset);
      io(log_append_time_ms, since(2));
      io(log_start_offset, since(5));
      io(record_errors, since(8));
      io(error_message, since(8));
      io.tagged(0, current_leader, since(10));
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(12));
      io(topic_id, since(13));
      io(partitions);
    }
  };

  std::vector<Topic> topics;
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(throttle_time_ms, since(1));
    io.tagged(0, node_endpoints, since(10));
  }
};

struct ProduceRequest {
  using Response = ProduceResponse;
  static constexpr Api kApi{0, "Produce", 3, 13, 9};

  struct Partition {
    int32_t index = 0;
    Records records;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(records);
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(12));
      io(topic_id, since(13));
      io(partitions);
    }
  };

  std::optional<std::string> transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(transactional_id, since(3));
    io(acks);
    io(timeout_ms);
    io(topics);
  }
};

}  // namespace cne::kafka
