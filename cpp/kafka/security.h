#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka/acl_store.h"
#include "kafka/authorizer.h"
#include "kafka/broker_config.h"
#include "kafka/call.h"
#include "kafka/password_check.h"
#include "kafka/sasl_session.h"
#include "kafka/transport.h"
#include "kafka/user_store.h"

namespace cne::kafka {

/// Who may connect to a broker and what they may do: its users, its rules, and how each listener
/// has clients prove who they are. Thread safe.
class Security {
 public:
  /// Throws ArgumentError, IoError, CorruptionError; UnsupportedError for TLS in a build without
  /// it.
  Security(const std::string& directory, const SecurityConfig& config,
           const std::vector<ListenerAddress>& listeners);
  ~Security();

  Authorizer& authorizer() { return authorizer_; }
  UserStore& users() { return users_; }

  /// The transport of a new connection, and what its peer has to do before it is served. The
  /// descriptor stays the caller's.
  std::unique_ptr<Transport> open(int descriptor, const std::shared_ptr<Peer>& peer);

  int64_t setup_timeout_ms() const { return setup_timeout_ms_; }
  int64_t failed_login_delay_ms() const { return failed_login_delay_ms_; }
  /// Before the loops of connections end.
  void stop() { passwords_.stop(); }

 private:
  struct Listener;

  AclStore acls_;
  UserStore users_;
  Authorizer authorizer_;
  PasswordCheck passwords_;
  const std::string decoy_key_;
  const int64_t setup_timeout_ms_;
  const int64_t failed_login_delay_ms_;
  const size_t max_login_bytes_;
  std::map<std::string, std::unique_ptr<Listener>> listeners_;
};

/// Replaces the protocols of listeners, which are their names, by those of the map
/// (listener.security.protocol.map). Throws ArgumentError for a name that it does not have.
void map_protocols(std::vector<ListenerAddress>& listeners, const SecurityConfig& config);

/// The users that a JAAS configuration gives to PLAIN: what stands in `user_NAME="password"`.
/// Throws ArgumentError when it is another login module or cannot be read.
std::map<std::string, std::string> parse_plain_users(const std::string& jaas);

}  // namespace cne::kafka
