#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cne {

/// SHA-256 and SHA-512 (FIPS 180-4) of bytes that come in parts. No step depends on the values of
/// the bytes, only on how many there are.
template <typename Word>
class Sha2 {
 public:
  static constexpr size_t kBlock = 16 * sizeof(Word);
  static constexpr size_t kDigest = 8 * sizeof(Word);

  Sha2();
  void add(std::string_view bytes);
  /// The digest of all that was added; the object is used up.
  std::string finish();

 private:
  void take(const uint8_t* block);
  std::array<Word, 8> state_;
  std::array<uint8_t, kBlock> rest_;  // bytes that fill no block yet
  uint64_t size_ = 0;
};
using Sha256 = Sha2<uint32_t>;
using Sha512 = Sha2<uint64_t>;

/// Which of the two a function is to use.
enum class Digest { kSha256, kSha512 };

std::string sha2(Digest digest, std::string_view bytes);
/// RFC 2104.
std::string hmac(Digest digest, std::string_view key, std::string_view bytes);
/// RFC 8018, one digest long. Throws ArgumentError for no iterations.
std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt,
                   int64_t iterations);

/// Whether the bytes are the same, in a time that does not depend on where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace cne
