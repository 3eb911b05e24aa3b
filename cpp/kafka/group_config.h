#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cne::kafka {

/// What was set for one group of the new protocol; 0: nothing.
struct ConsumerTimes {
  int64_t session_timeout_ms = 0;
  int32_t heartbeat_interval_ms = 0;
};

/// The settings of groups; see BrokerConfig for their names.
struct GroupConfig {
  int64_t min_session_timeout_ms = 6000;
  int64_t max_session_timeout_ms = 1'800'000;
  int64_t initial_rebalance_delay_ms = 3000;
  /// How long a new member may wait in JoinGroup before it has to ask again.
  int64_t new_member_timeout_ms = 300'000;
  int32_t max_size = 2'147'483'647;

  int64_t consumer_session_timeout_ms = 45'000;
  int32_t consumer_heartbeat_interval_ms = 5000;
  int32_t consumer_max_size = 2'147'483'647;
  /// By the ids of groups.
  std::map<std::string, ConsumerTimes, std::less<>> consumer_times;

  int64_t offsets_retention_ms = 604'800'000;
  int64_t offsets_check_interval_ms = 600'000;
  int64_t offset_metadata_max_bytes = 4096;

  /// Makes the random part of member ids.
  std::function<std::string()> make_uuid;

  int64_t session_timeout_of(std::string_view group) const {
    const auto found = consumer_times.find(group);
    return found != consumer_times.end() && found->second.session_timeout_ms > 0
               ? found->second.session_timeout_ms
               : consumer_session_timeout_ms;
  }
  int32_t heartbeat_interval_of(std::string_view group) const {
    const auto found = consumer_times.find(group);
    return found != consumer_times.end() && found->second.heartbeat_interval_ms > 0
               ? found->second.heartbeat_interval_ms
               : consumer_heartbeat_interval_ms;
  }
};

/// A random UUID (version 4) in its text form.
std::string random_uuid_text();

}  // namespace cne::kafka
