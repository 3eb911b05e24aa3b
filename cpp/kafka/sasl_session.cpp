#include "kafka/sasl_session.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "kafka/messages/api_versions.h"
#include "kafka/messages/sasl_authenticate.h"
#include "kafka/messages/sasl_handshake.h"

namespace cne::kafka {

namespace {

constexpr int64_t kMinRenewalMs = 1000;

struct PlainToken {
  std::string authorize_as;
  std::string user;
  std::string password;
};

/// RFC 4616: authorization id, NUL, name, NUL, password.
std::optional<PlainToken> read_plain(std::string_view token) {
  const size_t first = token.find('\0');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('\0', first + 1);
  if (second == std::string_view::npos || token.find('\0', second + 1) != std::string_view::npos)
    return std::nullopt;
  return PlainToken{std::string(token.substr(0, first)),
                    std::string(token.substr(first + 1, second - first - 1)),
                    std::string(token.substr(second + 1))};
}

}  // namespace

SaslSession::SaslSession(const SaslListener& listener, const UserStore& users,
                         PasswordCheck& passwords, const std::string& decoy_key, bool plain_is_safe)
    : listener_(listener),
      users_(users),
      passwords_(passwords),
      decoy_key_(decoy_key),
      plain_is_safe_(plain_is_safe) {}

std::vector<std::string> SaslSession::mechanisms() const {
  std::vector<std::string> out;
  for (const std::string& each : listener_.mechanisms)
    if (plain_is_safe_ || each != kPlainMechanism) out.push_back(each);
  return out;
}

bool SaslSession::answers(int16_t api_key, int64_t now_ms) const {
  if (state_ == State::kFailed) return false;
  const bool logs_in =
      api_key == SaslHandshakeRequest::kApi.key || api_key == SaslAuthenticateRequest::kApi.key;
  if (logs_in) return true;
  if (!open_) return api_key == ApiVersionsRequest::kApi.key;
  return expires_ms_ == 0 || now_ms < expires_ms_;
}

ErrorCode SaslSession::begin(const std::string& mechanism, int16_t version, int64_t now_ms) {
  const auto refuse = [&](ErrorCode error) {
    if (!open_) state_ = State::kFailed;
    return error;
  };
  if (open_) {
    // A login that lasts for ever is not renewed, nor one more often than once in a second.
    const bool soon = renewed_ms_ >= 0 && now_ms - renewed_ms_ < kMinRenewalMs;
    if (expires_ms_ == 0 || soon || state_ != State::kIdle || version == 0)
      return ErrorCode::kIllegalSaslState;
    renewed_ms_ = now_ms;
  } else if (state_ != State::kHandshake) {
    return refuse(ErrorCode::kIllegalSaslState);
  }
  const auto offered = mechanisms();
  if (std::find(offered.begin(), offered.end(), mechanism) == offered.end())
    return refuse(ErrorCode::kUnsupportedSaslMechanism);
  mechanism_ = mechanism;
  bare_ = version == 0;
  scram_.reset();
  if (mechanism != kPlainMechanism) {
    const ScramMechanism kind = scram_mechanism(mechanism);
    scram_.emplace(
        kind, [this, kind](const std::string& user) { return users_.find(user, kind); },
        to_base64(random_bytes(24)), decoy_key_);
  }
  state_ = State::kTokens;
  return ErrorCode::kNone;
}

void SaslSession::authenticate(std::string_view token, EventLoop& loop,
                               std::function<void(Answer)> done) {
  if (state_ != State::kTokens) {
    Answer answer;
    answer.error = ErrorCode::kIllegalSaslState;
    answer.log = answer.why = "a token without a handshake";
    if (!open_) state_ = State::kFailed;
    return done(std::move(answer));
  }
  if (open_ && mechanism_ != first_mechanism_)
    return done(fail("another mechanism than before",
                     message("expected to log in by ", first_mechanism_, " again")));
  if (scram_) return done(take_scram(token));
  take_plain(token, loop, std::move(done));
}

SaslSession::Answer SaslSession::take_scram(std::string_view token) {
  ScramServer::Step step = scram_->take(token);
  switch (step.state) {
    case ScramServer::Step::State::kContinue: {
      Answer answer;
      answer.token = std::move(step.reply);
      return answer;
    }
    case ScramServer::Step::State::kDone:
      return complete(scram_->user(), std::move(step.reply));
    case ScramServer::Step::State::kFailed:
      break;
  }
  return fail(std::move(step.why));
}

void SaslSession::take_plain(std::string_view token, EventLoop& loop,
                             std::function<void(Answer)> done) {
  const auto plain = read_plain(token);
  if (!plain || plain->user.empty() || plain->password.empty() || !is_utf8(token))
    return done(fail("expected a name and a password"));
  if (!plain->authorize_as.empty() && plain->authorize_as != plain->user)
    return done(fail("an authorization id that is not the user's name"));
  if (const auto found = listener_.plain_users.find(plain->user);
      found != listener_.plain_users.end()) {
    if (equal_in_constant_time(found->second, plain->password))
      return done(complete(plain->user, ""));
    return done(fail("a wrong password"));
  }
  state_ = State::kChecking;
  passwords_.check(plain->user, plain->password, loop,
                   [this, user = plain->user, done = std::move(done)](bool right) {
                     done(right ? complete(user, "") : fail("a wrong name or password"));
                   });
}

SaslSession::Answer SaslSession::complete(const std::string& user, std::string token) {
  if (open_ && user != user_)
    return fail("another user than before", "a login may not be renewed by another user");
  const int64_t now_ms = EventLoop::now_ms();
  Answer answer;
  const auto limit = listener_.max_reauth_ms.find(mechanism_);
  answer.lifetime_ms = limit != listener_.max_reauth_ms.end() ? limit->second : 0;
  answer.token = std::move(token);
  expires_ms_ = answer.lifetime_ms > 0 ? now_ms + answer.lifetime_ms : 0;
  user_ = user;
  if (!open_) first_mechanism_ = mechanism_;
  open_ = true;
  state_ = State::kIdle;
  scram_.reset();
  return answer;
}

SaslSession::Answer SaslSession::fail(std::string log, std::string why) {
  state_ = State::kFailed;
  Answer answer;
  answer.error = ErrorCode::kSaslAuthenticationFailed;
  answer.why = why.empty() ? message("Authentication failed during ",
                                     open_ ? "re-authentication" : "authentication",
                                     " due to invalid credentials with SASL mechanism ", mechanism_)
                           : std::move(why);
  answer.log = std::move(log);
  return answer;
}

}  // namespace cne::kafka
