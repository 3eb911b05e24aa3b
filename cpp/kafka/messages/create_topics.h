#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct CreateTopicsResponse {
  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(value);
      io(read_only);
      io(config_source);
      io(is_sensitive);
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    ErrorCode topic_config_error = ErrorCode::kNone;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(topic_id, since(7));
      io(error);
      io(error_message, since(1));
      io(num_partitions, since(5));
      io(replication_factor, since(5));
      io(configs, since(5));
      io.tagged(0, topic_config_error, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(2));
    io(topics);
  }
};

struct CreateTopicsRequest {
  using Response = CreateTopicsResponse;
  static constexpr Api kApi{19, "CreateTopics", 2, 7, 5};

  struct Assignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;
    template <class Io>
    void fields(Io& io) {
      io(partition_index);
      io(broker_ids);
    }
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(value);
    }
  };
  struct Topic {
    std::string name;
    int32_t num_partitions = 0;
    int16_t replication_factor = 0;
    std::vector<Assignment> assignments;
    std::vector<Config> configs;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(num_partitions);
      io(replication_factor);
      io(assignments);
      io(configs);
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(timeout_ms);
    io(validate_only, since(1));
  }
};

}  // namespace cne::kafka
