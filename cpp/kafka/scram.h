#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/sha2.h"

namespace cne::kafka {

/// By the protocol's numbers.
enum class ScramMechanism : int8_t { kUnknown = 0, kSha256 = 1, kSha512 = 2 };

constexpr int32_t kMinScramIterations = 4096;
/// As Kafka: more would keep a login busy for long.
constexpr int32_t kMaxScramIterations = 16'384;

Digest digest_of(ScramMechanism mechanism);
/// "SCRAM-SHA-256" and back; kUnknown when it is none.
const char* name_of(ScramMechanism mechanism);
ScramMechanism scram_mechanism(std::string_view name);

/// What a server keeps of a password: enough to check it, not to log in with it.
struct ScramCredential {
  int32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;
};
/// `salted` is PBKDF2 of the password, which clients send instead of it.
ScramCredential scram_credential(ScramMechanism mechanism, std::string_view salted,
                                 std::string salt, int32_t iterations);
/// Whether it is the password that a credential was made of; takes milliseconds.
bool is_password(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view password);

/// The server's side of one exchange: RFC 5802 and RFC 7677, without channel binding. The password
/// of a user that is not there is refused at the end, as a wrong one is.
class ScramServer {
 public:
  using Find = std::function<std::optional<ScramCredential>(const std::string& user)>;
  /// `nonce` is this side's part: printable characters without a comma that nobody can guess.
  /// `decoy_key` makes salts for users that are not there, the same ones each time.
  ScramServer(ScramMechanism mechanism, Find find, std::string nonce, std::string decoy_key);

  struct Step {
    enum class State { kContinue, kDone, kFailed } state = State::kFailed;
    std::string reply;  // unless it failed
    std::string why;    // when it failed, in words for the server's log
  };
  /// Takes a message of the client.
  Step take(std::string_view message);
  const std::string& user() const { return user_; }

 private:
  Step take_first(std::string_view message);
  Step take_final(std::string_view message);

  const ScramMechanism mechanism_;
  Find find_;
  std::string nonce_;
  std::string decoy_key_;
  enum class State { kFirst, kFinal, kOver } state_ = State::kFirst;
  std::string gs2_header_;
  std::string first_bare_;
  std::string server_first_;
  std::string user_;
  bool known_ = false;
  ScramCredential credential_;
};

std::string to_base64(std::string_view bytes);
/// Nothing unless it is whole base64 with its padding.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace cne::kafka
