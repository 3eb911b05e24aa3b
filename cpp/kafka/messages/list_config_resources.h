#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ListConfigResourcesResponse {
  struct ConfigResource {
    std::string resource_name;
    int8_t resource_type = 16;
    template <class Io>
    void fields(Io& io) {
      io(resource_name);
      io(resource_type, since(1));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<ConfigResource> config_resources;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(config_resources);
  }
};

struct ListConfigResourcesRequest {
  using Response = ListConfigResourcesResponse;
  static constexpr Api kApi{74, "ListConfigResources", 0, 1, 0};

  std::vector<int8_t> resource_types;

  template <class Io>
  void fields(Io& io) {
    io(resource_types, since(1));
  }
};

}  // namespace cne::kafka
