#pragma once

#include <cstdint>
#include <string_view>

#include "core/logging.h"
#include "kafka/broker_config.h"
#include "kafka/call.h"

namespace cne::kafka {

/// What a broker tells of its connections and requests, one event each, as lines of JSON:
///
///   error  request_error       the disk or the broker itself failed
///   warn   request_failed      it could not be understood, or ended its connection
///          slow_request        longer than it may wait and logging.slow.request.ms
///          login_failed, connection_refused
///   info   broker_started, broker_stopped
///          change              an answered request of an API that changes topics, groups, users,
///          rules request_error       the first error of an answer
///   debug  request             every other one
///          connection_opened, connection_closed
///
/// A request has its API, version, correlation id, client id, peer, listener, principal, latency,
/// bytes, and its error. Thread safe.
class RequestLog {
 public:
  /// Throws ArgumentError for a level that is none, IoError when the file cannot be opened.
  RequestLog(const BrokerConfig& config, const Clock& clock);

  void answered(const Call& call);
  void opened(const Peer& peer);
  void closed(const Peer& peer, std::string_view why);
  void started(std::string_view data, std::string_view listeners);
  void stopped();

 private:
  struct Verdict {
    LogLevel level;
    const char* event;
  };
  Verdict judge(const Call& call, int64_t latency_ns) const;

  Logger logger_;
  const int64_t slow_ns_;
};

}  // namespace cne::kafka
