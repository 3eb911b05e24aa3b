#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// What a response says of operations where nobody asked for them.
constexpr int32_t kOperationsNotAsked = std::numeric_limits<int32_t>::min();

struct MetadataResponse {
  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    template <class Io>
    void fields(Io& io) {
      io(node_id);
      io(host);
      io(port);
      io(rack, since(1));
    }
  };
  struct Partition {
    ErrorCode error = ErrorCode::kNone;
    int32_t index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(index);
      io(leader_id);
      io(leader_epoch, since(7));
      io(replica_nodes);
      io(isr_nodes);
      io(offline_replicas, since(5));
    }
  };
  struct Topic {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> name;  // null from version 12 on, of an unknown id
    Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t authorized_operations = kOperationsNotAsked;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(name, {}, since(12));
      io(topic_id, since(10));
      io(is_internal, since(1));
      io(partitions);
      io(authorized_operations, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<Topic> topics;
  int32_t cluster_authorized_operations = kOperationsNotAsked;
  ErrorCode error = ErrorCode::kNone;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(3));
    io(brokers);
    io(cluster_id, since(2));
    io(controller_id, since(1));
    io(topics);
    io(cluster_authorized_operations, between(8, 10));
    io(error, since(13));
  }
};

struct MetadataRequest {
  using Response = MetadataResponse;
  static constexpr Api kApi{3, "Metadata", 0, 13, 9};

  struct Topic {
    Uuid topic_id;
    std::optional<std::string> name;
    template <class Io>
    void fields(Io& io) {
      io(topic_id, since(10));
      io(name, {}, since(10));
    }
  };

  std::optional<std::vector<Topic>> topics;  // null: all; in version 0 the empty one
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  template <class Io>
  void fields(Io& io) {
    io(topics, {}, since(1));
    io(allow_auto_topic_creation, since(4));
    io(include_cluster_authorized_operations, between(8, 10));
    io(include_topic_authorized_operations, since(8));
  }
};

}  // namespace cne::kafka
