#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeClusterResponse {
  struct Broker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;
    template <class Io>
    void fields(Io& io) {
      io(broker_id);
      io(host);
      io(port);
      io(rack);
      io(is_fenced, since(2));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<Broker> brokers;
  int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(endpoint_type, since(1));
    io(cluster_id);
    io(controller_id);
    io(brokers);
    io(cluster_authorized_operations);
  }
};

struct DescribeClusterRequest {
  using Response = DescribeClusterResponse;
  static constexpr Api kApi{60, "DescribeCluster", 0, 2, 0};

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  template <class Io>
  void fields(Io& io) {
    io(include_cluster_authorized_operations);
    io(endpoint_type, since(1));
    io(include_fenced_brokers, since(2));
  }
};

}  // namespace cne::kafka
