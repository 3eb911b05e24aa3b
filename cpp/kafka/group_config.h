#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace cne::kafka {

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

  int64_t offsets_retention_ms = 604'800'000;
  int64_t offsets_check_interval_ms = 600'000;
  int64_t offset_metadata_max_bytes = 4096;

  /// Makes the random part of member ids.
  std::function<std::string()> make_uuid;
};

/// A random UUID (version 4) in its text form.
std::string random_uuid_text();

}  // namespace cne::kafka
