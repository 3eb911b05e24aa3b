#include "kafka/request_log.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/clock.h"

namespace cne::kafka {

namespace {

constexpr int16_t kSaslAuthenticate = 36;

/// APIs that change what others see: DeleteTopics, CreateAcls, ...
constexpr std::array<int16_t, 14> kChanges = {19, 20, 21, 30, 31, 33, 37,
                                              42, 43, 44, 47, 49, 51, 57};

/// Ends of connections that an operator should hear of.
constexpr std::array<std::string_view, 5> kRefusals = {
    "a frame of impossible length", "a header that cannot be read", "it has not logged in",
    "it cannot be served",          "the peer takes nothing",
};

Logger::Options options_of(const BrokerConfig& config, const Clock& clock) {
  Logger::Options options;
  options.level = parse_level(config.logging_level, "broker: expected \"logging.level\"");
  options.file = config.logging_file;
  options.max_file_bytes = config.logging_file_max_bytes;
  options.max_lines_per_s = config.logging_max_lines_per_second;
  options.clock = &clock;
  return options;
}

std::string address_of(const Peer& peer) {
  const bool is_v6 = peer.address.find(':') != std::string::npos;
  return (is_v6 ? "[" + peer.address + "]" : peer.address) + ":" + std::to_string(peer.port);
}

bool is_own_fault(ErrorCode error) {
  return error == ErrorCode::kUnknownServerError || error == ErrorCode::kKafkaStorageError;
}

}  // namespace

RequestLog::RequestLog(const BrokerConfig& config, const Clock& clock)
    : logger_(options_of(config, clock)), slow_ns_(config.logging_slow_request_ms * 1'000'000) {}

RequestLog::Verdict RequestLog::judge(const Call& call, int64_t latency_ns) const {
  const int16_t key = call.header().key;
  if (call.hung_up()) return {LogLevel::kWarn, "request_failed"};
  if (is_own_fault(call.error())) return {LogLevel::kError, "request_error"};
  if (call.error() != ErrorCode::kNone && key == kSaslAuthenticate)
    return {LogLevel::kWarn, "login_failed"};
  if (latency_ns - call.allowed_wait_ms() * 1'000'000 > slow_ns_)
    return {LogLevel::kWarn, "slow_request"};
  if (std::find(kChanges.begin(), kChanges.end(), key) != kChanges.end())
    return {LogLevel::kInfo, "change"};
  if (call.error() != ErrorCode::kNone) return {LogLevel::kInfo, "request_error"};
  return {LogLevel::kDebug, "request"};
}

void RequestLog::answered(const Call& call) {
  const int64_t latency_ns = monotonic_ns() - call.started_ns();
  const auto [level, event] = judge(call, latency_ns);
  if (!logger_.wants(level)) return;
  const RequestHeader& header = call.header();
  const Peer& peer = call.peer();
  EventFields fields;
  fields.add("api", call.api() != nullptr ? call.api()->name : "Unknown");
  fields.add("api_key", int64_t{header.key}).add("version", int64_t{header.version});
  fields.add("correlation_id", int64_t{header.correlation_id});
  if (header.client_id) fields.add("client_id", *header.client_id);
  fields.add("peer", address_of(peer)).add("listener", peer.listener);
  fields.add("principal", peer.principal);
  fields.add("latency_ms", static_cast<double>(latency_ns / 1000) / 1000);
  fields.add("bytes_in", static_cast<int64_t>(call.size()));
  fields.add("bytes_out", static_cast<int64_t>(call.response_size()));
  if (call.hung_up())
    fields.add("error", *call.hung_up());
  else if (call.error() != ErrorCode::kNone)
    fields.add("error", error_name(call.error()));
  logger_.tell(level, event, fields);
}

void RequestLog::opened(const Peer& peer) {
  if (!logger_.wants(LogLevel::kDebug)) return;
  EventFields fields;
  fields.add("peer", address_of(peer)).add("listener", peer.listener);
  logger_.tell(LogLevel::kDebug, "connection_opened", fields);
}

void RequestLog::closed(const Peer& peer, std::string_view why) {
  const bool refused = std::find(kRefusals.begin(), kRefusals.end(), why) != kRefusals.end();
  const LogLevel level = refused ? LogLevel::kWarn : LogLevel::kDebug;
  if (!logger_.wants(level)) return;
  EventFields fields;
  fields.add("peer", address_of(peer)).add("listener", peer.listener);
  fields.add("principal", peer.principal).add("error", why);
  logger_.tell(level, refused ? "connection_refused" : "connection_closed", fields);
}

void RequestLog::started(std::string_view data, std::string_view listeners) {
  logger_.tell(LogLevel::kInfo, "broker_started",
               EventFields().add("data", data).add("listeners", listeners));
}

void RequestLog::stopped() { logger_.tell(LogLevel::kInfo, "broker_stopped", {}); }

}  // namespace cne::kafka
