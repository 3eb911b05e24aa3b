#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeConfigsResponse {
  struct Result {
    struct Config {
      struct Synonym {
        std::string name;
        std::optional<std::string> value;
        int8_t source = 0;
        template <class Io>
        void fields(Io& io) {
          io(name);
          io(value);
          io(source);
        }
      };
      std::string name;
      std::optional<std::string> value;
      bool read_only = false;
      int8_t config_source = -1;
      bool is_sensitive = false;
      std::vector<Synonym> synonyms;
      int8_t config_type = 0;
      std::optional<std::string> documentation;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(value);
        io(read_only);
        io(config_source);
        io(is_sensitive);
        io(synonyms);
        io(config_type, since(3));
        io(documentation, since(3));
      }
    };
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
      io(resource_type);
      io(resource_name);
      io(configs);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(results);
  }
};

struct DescribeConfigsRequest {
  using Response = DescribeConfigsResponse;
  static constexpr Api kApi{32, "DescribeConfigs", 1, 4, 4};

  struct Resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;
    template <class Io>
    void fields(Io& io) {
      io(resource_type);
      io(resource_name);
      io(configuration_keys);
    }
  };

  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  template <class Io>
  void fields(Io& io) {
    io(resources);
    io(include_synonyms);
    io(include_documentation, since(3));
  }
};

}  // namespace cne::kafka
