#pragma once

#include <cstdint>
#include <string_view>

#include "core/logging.h"
#include "kafka/broker_config.h"
#include "kafka/call.h"

namespace cne::kafka {

/// What a broker tells of its connections and requests, one event each, as lines of JSON:
///
///   level  event                of what
///   error  request_error        the disk or the broker itself failed
///   warn   request_failed       it could not be understood, or ended its connection
///          slow_request         longer than it may wait and logging.slow.request.ms
///          login_failed         of a SaslAuthenticate
///          connection_refused   ended for what its peer sent or took, or did not
///   info   broker_started       with its directory and listeners
///          broker_stopped
///          change               an answered request that changes topics, groups, users or rules
///          request_error        the first error of an answer
///   debug  request              every other request
///          connection_opened
///          connection_closed    with the reason
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
