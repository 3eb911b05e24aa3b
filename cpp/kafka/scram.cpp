#include "kafka/scram.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace cne::kafka {

namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string exclusive_or(std::string a, std::string_view b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

/// Takes "x=value" off the front, up to the next comma or the end; nothing when it is another.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

/// A name with its "=2C" and "=3D" as the characters that they stand for.
std::optional<std::string> read_name(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i, 3) == "=2C" || text.substr(i, 3) == "=3D") {
      out += text[i + 2] == 'C' ? ',' : '=';
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  if (out.empty() || !is_utf8(out)) return std::nullopt;
  return out;
}

bool is_nonce(std::string_view text) {
  for (const char c : text)
    if (c < '!' || c > '~' || c == ',') return false;
  return !text.empty();
}

ScramServer::Step failed(std::string why) {
  return {ScramServer::Step::State::kFailed, "", std::move(why)};
}

}  // namespace

Digest digest_of(ScramMechanism mechanism) {
  return mechanism == ScramMechanism::kSha256 ? Digest::kSha256 : Digest::kSha512;
}

const char* name_of(ScramMechanism mechanism) {
  if (mechanism == ScramMechanism::kSha256) return "SCRAM-SHA-256";
  return mechanism == ScramMechanism::kSha512 ? "SCRAM-SHA-512" : "UNKNOWN";
}

ScramMechanism scram_mechanism(std::string_view name) {
  for (const auto mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512})
    if (name == name_of(mechanism)) return mechanism;
  return ScramMechanism::kUnknown;
}

ScramCredential scram_credential(ScramMechanism mechanism, std::string_view salted,
                                 std::string salt, int32_t iterations) {
  const Digest digest = digest_of(mechanism);
  ScramCredential out;
  out.iterations = iterations;
  out.salt = std::move(salt);
  out.stored_key = sha2(digest, hmac(digest, salted, "Client Key"));
  out.server_key = hmac(digest, salted, "Server Key");
  return out;
}

bool is_password(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view password) {
  const std::string salted =
      pbkdf2(digest_of(mechanism), password, credential.salt, credential.iterations);
  const ScramCredential of_it = scram_credential(mechanism, salted, "", 0);
  return equal_in_constant_time(of_it.stored_key, credential.stored_key);
}

ScramServer::ScramServer(ScramMechanism mechanism, Find find, std::string nonce,
                         std::string decoy_key)
    : mechanism_(mechanism),
      find_(std::move(find)),
      nonce_(std::move(nonce)),
      decoy_key_(std::move(decoy_key)) {}

ScramServer::Step ScramServer::take(std::string_view message) {
  const State now = std::exchange(state_, State::kOver);
  if (now == State::kFirst) return take_first(message);
  if (now == State::kFinal) return take_final(message);
  return failed("a message after the end");
}

/// gs2-header: "n,," or "n,a=name,"; then "n=name,r=nonce" and extensions.
ScramServer::Step ScramServer::take_first(std::string_view message) {
  std::string_view left = message;
  if (!left.starts_with("n,") && !left.starts_with("y,"))
    return failed("expected a message without channel binding");
  left.remove_prefix(2);
  std::optional<std::string> authorize_as;
  if (left.starts_with("a=")) {
    authorize_as = read_name(*take_attribute(left, 'a'));
    if (!authorize_as) return failed("an authorization id that is none");
  } else if (left.starts_with(",")) {
    left.remove_prefix(1);
  } else {
    return failed("a header that is none");
  }
  gs2_header_ = message.substr(0, message.size() - left.size());
  first_bare_ = left;
  if (left.starts_with("m=")) return failed("an extension that is not known");
  const auto name = take_attribute(left, 'n');
  const auto user = name ? read_name(*name) : std::nullopt;
  const auto nonce = take_attribute(left, 'r');
  if (!user || !nonce || !is_nonce(*nonce)) return failed("expected a name and a nonce");
  if (authorize_as && *authorize_as != *user)
    return failed("an authorization id that is not the user's name");
  user_ = *user;
  const auto found = find_(user_);
  known_ = found.has_value();
  if (known_) {
    credential_ = *found;
  } else {
    credential_.iterations = kMinScramIterations;
    credential_.salt = hmac(Digest::kSha256, decoy_key_, user_).substr(0, 16);
    credential_.stored_key = credential_.server_key = sha2(digest_of(mechanism_), decoy_key_);
  }
  nonce_ = std::string(*nonce) + nonce_;
  server_first_ =
      cne::message("r=", nonce_, ",s=", to_base64(credential_.salt), ",i=", credential_.iterations);
  state_ = State::kFinal;
  return {Step::State::kContinue, server_first_, ""};
}

/// "c=header,r=nonce", extensions, "p=proof".
ScramServer::Step ScramServer::take_final(std::string_view message) {
  const size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return failed("expected a proof");
  const std::string_view without_proof = message.substr(0, proof_at);
  const auto proof = from_base64(message.substr(proof_at + 3));
  std::string_view left = without_proof;
  const auto header = take_attribute(left, 'c');
  const auto nonce = take_attribute(left, 'r');
  if (!proof || !header || !nonce) return failed("expected a header, a nonce and a proof");
  if (*header != to_base64(gs2_header_)) return failed("another header than before");
  // Not equal: librdkafka before 2.2 repeats its own part in front. The proof covers all of it.
  if (!nonce->ends_with(nonce_)) return failed("another nonce than before");
  const Digest digest = digest_of(mechanism_);
  const std::string text = cne::message(first_bare_, ",", server_first_, ",", without_proof);
  const std::string signature = hmac(digest, credential_.stored_key, text);
  if (proof->size() != signature.size()) return failed("a proof of another size");
  const std::string client_key = exclusive_or(*proof, signature);
  const bool right = equal_in_constant_time(sha2(digest, client_key), credential_.stored_key);
  if (!known_) return failed("there is no such user");
  if (!right) return failed("a wrong password");
  return {Step::State::kDone, "v=" + to_base64(hmac(digest, credential_.server_key, text)), ""};
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    for (int k = 0; k < 4; ++k) {
      const bool padding = i + static_cast<size_t>(k) > bytes.size();
      out += padding ? '=' : kBase64[bits >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  static const auto values = [] {
    std::array<int8_t, 256> all;
    all.fill(-1);
    for (int8_t i = 0; i < 64; ++i) all[static_cast<uint8_t>(kBase64[i])] = i;
    return all;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 4; ++k) {
      const bool pad = i + k >= text.size() - padding;
      const int8_t value = pad ? int8_t{0} : values[static_cast<uint8_t>(text[i + k])];
      if (value < 0) return std::nullopt;
      bits = bits << 6 | static_cast<uint32_t>(value);
    }
    const bool last = i + 4 == text.size();  // what padding cuts off is zero in the one right text
    if (last && (bits & ((1u << 8 * padding) - 1)) != 0) return std::nullopt;
    for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace cne::kafka
