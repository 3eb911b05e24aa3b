#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/security_config.h"

namespace cne::kafka {

/// The settings of a broker, under Kafka's names
/// (https://kafka.apache.org/documentation/#brokerconfigs).
struct BrokerConfig {
  int32_t node_id = 1;
  std::string listeners = "PLAINTEXT://127.0.0.1:9092";
  std::string advertised_listeners;  // empty: as listeners

  bool auto_create_topics_enable = true;
  bool delete_topic_enable = true;
  int32_t num_partitions = 1;
  int32_t default_replication_factor = 1;
  int32_t num_network_threads = 2;
  int64_t message_max_bytes = 1'048'588;
  int64_t fetch_max_bytes = 57'671'680;
  int64_t max_incremental_fetch_session_cache_slots = 1000;

  int64_t socket_request_max_bytes = 104'857'600;
  int64_t connections_max_idle_ms = 600'000;
  int64_t queued_max_request_bytes = int64_t{512} << 20;
  int64_t metrics_max_partitions = 10'000;
  int64_t max_connections = 2'147'483'647;

  std::string logging_level = "warn";
  std::string logging_file;  // empty: the standard error
  int64_t logging_file_max_bytes = 64 << 20;
  int64_t logging_max_lines_per_second = 100;
  int64_t logging_slow_request_ms = 1000;

  int64_t log_retention_check_interval_ms = 300'000;
  int64_t log_cleaner_backoff_ms = 15'000;
  int64_t log_flush_interval_ms = 1000;  // of topics with fsync=interval
  int64_t producer_id_expiration_ms = 86'400'000;
  int64_t transaction_max_timeout_ms = 900'000;
  int32_t transaction_state_log_num_partitions = 50;
  int64_t transactional_id_expiration_ms = 604'800'000;
  int64_t transaction_abort_check_interval_ms = 10'000;
  int64_t transactional_id_check_interval_ms = 3'600'000;

  int32_t offsets_topic_num_partitions = 50;
  int64_t offsets_retention_minutes = 10'080;
  int64_t offset_metadata_max_bytes = 4096;
  int64_t group_min_session_timeout_ms = 6000;
  int64_t group_max_session_timeout_ms = 1'800'000;
  int64_t group_initial_rebalance_delay_ms = 3000;
  int32_t group_max_size = 2'147'483'647;
  int64_t group_consumer_session_timeout_ms = 45'000;
  int64_t group_consumer_heartbeat_interval_ms = 5000;
  int64_t group_consumer_min_session_timeout_ms = 45'000;  // these four: of what single groups get
  int64_t group_consumer_max_session_timeout_ms = 60'000;
  int64_t group_consumer_min_heartbeat_interval_ms = 5000;
  int64_t group_consumer_max_heartbeat_interval_ms = 15'000;

  /// Defaults of topics, under the names of topics (`retention.ms` for `log.retention.ms`).
  std::map<std::string, std::string> topic_defaults;

  SecurityConfig security;

  /// Sets one by its name; `log.*` names of topic settings land in topic_defaults. Throws
  /// ArgumentError for an unknown name (with the nearest one) or a value that it cannot have.
  void set(std::string_view name, std::string_view value);
  /// A file of `name=value` lines; '#' and '!' begin comments. Errors tell line and file.
  void set_from_text(std::string_view text, std::string_view file);
  /// An error's text, with line and file of the setting that it names in quotes if a file set it.
  std::string with_place(const std::string& error) const;

  std::map<std::string, std::string> places;  // of settings from files: "line 3 of server.conf"

  /// The settings that are defaults of topics' settings, and of which.
  static const std::map<std::string, std::string, std::less<>>& topic_names();

  struct Entry {
    std::string name;
    std::string value;
    bool is_default;
    std::string type;  // "int", "long", "boolean", "string"
    std::string documentation;
    bool is_secret = false;  // then the value is not told
  };
  /// All settings with their values, by name.
  std::vector<Entry> entries() const;
};

struct ListenerAddress {
  std::string name;      // "PLAINTEXT"
  std::string protocol;  // PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL
  std::string host;
  uint16_t port = 0;
};
/// Parses "NAME://host:port,...". Throws ArgumentError.
std::vector<ListenerAddress> parse_listeners(std::string_view text, std::string_view setting);

}  // namespace cne::kafka
