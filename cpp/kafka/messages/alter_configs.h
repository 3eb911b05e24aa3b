#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AlterConfigsResponse {
  struct Result {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
      io(resource_type);
      io(resource_name);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> responses;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(responses);
  }
};

struct AlterConfigsRequest {
  using Response = AlterConfigsResponse;
  static constexpr Api kApi{33, "AlterConfigs", 0, 2, 2};

  struct Resource {
    struct Config {
      std::string name;
      std::optional<std::string> value;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(value);
      }
    };
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;
    template <class Io>
    void fields(Io& io) {
      io(resource_type);
      io(resource_name);
      io(configs);
    }
  };

  std::vector<Resource> resources;
  bool validate_only = false;

  template <class Io>
  void fields(Io& io) {
    io(resources);
    io(validate_only);
  }
};

}  // namespace cne::kafka
