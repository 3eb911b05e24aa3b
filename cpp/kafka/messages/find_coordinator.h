#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct FindCoordinatorResponse {
  struct Coordinator {
    std::string key;
    int32_t node_id = -1;
    std::string host;
    int32_t port = -1;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(key);
      io(node_id);
      io(host);
      io(port);
      io(error);
      io(error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  // The one coordinator of versions before 4.
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int32_t node_id = -1;
  std::string host;
  int32_t port = -1;
  std::vector<Coordinator> coordinators;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(1));
    io(error, until(3));
    io(error_message, between(1, 3));
    io(node_id, until(3));
    io(host, until(3));
    io(port, until(3));
    io(coordinators, since(4));
  }
};

struct FindCoordinatorRequest {
  using Response = FindCoordinatorResponse;
  static constexpr Api kApi{10, "FindCoordinator", 0, 6, 3};
  static constexpr int8_t kGroup = 0;
  static constexpr int8_t kTransaction = 1;
  static constexpr int8_t kShare = 2;

  std::string key;
  int8_t key_type = kGroup;
  std::vector<std::string> keys;

  template <class Io>
  void fields(Io& io) {
    io(key, until(3));
    io(key_type, since(1));
    io(keys, since(4));
  }
};

}  // namespace cne::kafka
