#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/error_code.h"
#include "kafka/event_loop.h"
#include "kafka/password_check.h"
#include "kafka/scram.h"

namespace cne::kafka {

constexpr std::string_view kPlainMechanism = "PLAIN";

/// How clients of one listener log in; fixed while the broker runs.
struct SaslListener {
  std::vector<std::string> mechanisms;
  std::map<std::string, std::string> plain_users;  // of the settings: name and password
  std::map<std::string, int64_t> max_reauth_ms;    // by mechanism; 0: a login is good for ever
};

/// The login of one connection (KIP-43, KIP-152, KIP-368): a handshake names the mechanism, then
/// tokens go to and fro, as requests or, after a handshake of version 0, as bare frames. A login
/// that is over in time is renewed by another one on the same connection.
///
/// Used on the thread of the connection's loop only. `users` and `passwords` must outlive it.
class SaslSession {
 public:
  /// `plain_is_safe`: nobody else reads what comes, so that passwords may come as they are.
  SaslSession(const SaslListener& listener, const UserStore& users, PasswordCheck& passwords,
              const std::string& decoy_key, bool plain_is_safe);

  std::vector<std::string> mechanisms() const;
  bool is_open() const { return open_; }
  /// Whether it is logged in and no other login is on its way.
  bool is_idle() const { return state_ == State::kIdle; }
  const std::string& user() const { return user_; }
  /// Whether the next frame is a token without a header.
  bool wants_bare_token() const { return bare_ && state_ == State::kTokens; }
  /// Whether a request of an API is answered now.
  bool answers(int16_t api_key, int64_t now_ms) const;

  /// A handshake: kNone, kUnsupportedSaslMechanism, kIllegalSaslState. The session has failed when
  /// a connection that is not open sees an error.
  ErrorCode begin(const std::string& mechanism, int16_t version, int64_t now_ms);

  struct Answer {
    ErrorCode error = ErrorCode::kNone;
    std::string why;  // for the client
    std::string log;  // for the broker's own log
    std::string token;
    int64_t lifetime_ms = 0;
  };
  /// A token. `done` is called once, at once or later on `loop`, unless the broker stops.
  void authenticate(std::string_view token, EventLoop& loop, std::function<void(Answer)> done);

 private:
  enum class State { kHandshake, kTokens, kChecking, kIdle, kFailed };
  Answer take_scram(std::string_view token);
  void take_plain(std::string_view token, EventLoop& loop, std::function<void(Answer)> done);
  Answer complete(const std::string& user, std::string token);
  Answer fail(std::string log, std::string why = "");

  const SaslListener& listener_;
  const UserStore& users_;
  PasswordCheck& passwords_;
  const std::string& decoy_key_;
  const bool plain_is_safe_;
  State state_ = State::kHandshake;
  bool open_ = false;
  bool bare_ = false;
  std::string mechanism_;
  std::string first_mechanism_;  // of the first login, which others have to keep to
  std::optional<ScramServer> scram_;
  std::string user_;
  int64_t expires_ms_ = 0;  // 0: never
  int64_t renewed_ms_ = -1;
};

}  // namespace cne::kafka
