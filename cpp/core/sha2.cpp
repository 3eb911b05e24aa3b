#include "core/sha2.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"

namespace cne {

namespace {

// The first 64 bits of the fractional parts of the square roots of the first 8 primes, and of the
// cube roots of the first 80. SHA-256 has the upper halves of them.
constexpr std::array<uint64_t, 8> kStart = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr std::array<uint64_t, 80> kRound = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

template <typename Word>
struct Rules;
template <>
struct Rules<uint32_t> {
  static constexpr int kRounds = 64;
  static constexpr int kUpper = 32;  // bits to drop of the constants
  static uint32_t sum0(uint32_t x) { return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22); }
  static uint32_t sum1(uint32_t x) { return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25); }
  static uint32_t mix0(uint32_t x) { return std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3); }
  static uint32_t mix1(uint32_t x) { return std::rotr(x, 17) ^ std::rotr(x, 19) ^ (x >> 10); }
};
template <>
struct Rules<uint64_t> {
  static constexpr int kRounds = 80;
  static constexpr int kUpper = 0;
  static uint64_t sum0(uint64_t x) {
    return std::rotr(x, 28) ^ std::rotr(x, 34) ^ std::rotr(x, 39);
  }
  static uint64_t sum1(uint64_t x) {
    return std::rotr(x, 14) ^ std::rotr(x, 18) ^ std::rotr(x, 41);
  }
  static uint64_t mix0(uint64_t x) { return std::rotr(x, 1) ^ std::rotr(x, 8) ^ (x >> 7); }
  static uint64_t mix1(uint64_t x) { return std::rotr(x, 19) ^ std::rotr(x, 61) ^ (x >> 6); }
};

template <typename Hash>
std::string digest_of(std::string_view bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.finish();
}

/// HMAC of many texts with one key: what the key gives is hashed once.
template <typename Hash>
class Keyed {
 public:
  explicit Keyed(std::string_view key) {
    std::string block(key.size() > Hash::kBlock ? digest_of<Hash>(key) : key);
    block.resize(Hash::kBlock);
    for (char& c : block) c = static_cast<char>(c ^ 0x36);
    inner_.add(block);
    for (char& c : block) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
    outer_.add(block);
  }
  std::string of(std::string_view bytes) const {
    Hash inner = inner_;
    Hash outer = outer_;
    inner.add(bytes);
    outer.add(inner.finish());
    return outer.finish();
  }

 private:
  Hash inner_;
  Hash outer_;
};

template <typename Hash>
std::string stretch(std::string_view password, std::string_view salt, int64_t iterations) {
  const Keyed<Hash> keyed(password);
  std::string last = keyed.of(std::string(salt) + std::string("\0\0\0\1", 4));
  std::string out = last;
  for (int64_t i = 1; i < iterations; ++i) {
    last = keyed.of(last);
    for (size_t k = 0; k < out.size(); ++k) out[k] = static_cast<char>(out[k] ^ last[k]);
  }
  return out;
}

}  // namespace

template <typename Word>
Sha2<Word>::Sha2() {
  for (size_t i = 0; i < 8; ++i) state_[i] = static_cast<Word>(kStart[i] >> Rules<Word>::kUpper);
}

template <typename Word>
void Sha2<Word>::take(const uint8_t* block) {
  using R = Rules<Word>;
  std::array<Word, static_cast<size_t>(R::kRounds)> words;
  for (size_t i = 0; i < 16; ++i) {
    Word word = 0;
    for (size_t k = 0; k < sizeof(Word); ++k)
      word = static_cast<Word>(word << 8 | block[i * sizeof(Word) + k]);
    words[i] = word;
  }
  for (size_t i = 16; i < words.size(); ++i)
    words[i] = R::mix1(words[i - 2]) + words[i - 7] + R::mix0(words[i - 15]) + words[i - 16];
  auto [a, b, c, d, e, f, g, h] = state_;
  for (size_t i = 0; i < words.size(); ++i) {
    const Word choice = (e & f) ^ (~e & g);
    const Word majority = (a & b) ^ (a & c) ^ (b & c);
    const Word first =
        h + R::sum1(e) + choice + static_cast<Word>(kRound[i] >> R::kUpper) + words[i];
    const Word second = R::sum0(a) + majority;
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<Word, 8> changed = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; ++i) state_[i] += changed[i];
}

template <typename Word>
void Sha2<Word>::add(std::string_view bytes) {
  const auto* from = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  while (left > 0) {
    const size_t filled = size_ % kBlock;
    const size_t part = std::min(left, kBlock - filled);
    if (part == kBlock) {
      take(from);
    } else {
      std::memcpy(rest_.data() + filled, from, part);
      if (filled + part == kBlock) take(rest_.data());
    }
    from += part;
    left -= part;
    size_ += part;
  }
}

template <typename Word>
std::string Sha2<Word>::finish() {
  const uint64_t bits = size_ * 8;
  std::string end(1, static_cast<char>(0x80));
  // The length takes two words; sizes beyond 64 bits do not come.
  constexpr size_t kLength = 2 * sizeof(Word);
  while ((size_ + end.size()) % kBlock != kBlock - kLength) end += '\0';
  end.append(kLength - 8, '\0');
  for (int i = 7; i >= 0; --i) end += static_cast<char>(bits >> (8 * i));
  add(end);
  std::string out;
  for (const Word word : state_)
    for (size_t i = sizeof(Word); i-- > 0;) out += static_cast<char>(word >> (8 * i));
  return out;
}

template class Sha2<uint32_t>;
template class Sha2<uint64_t>;

std::string sha2(Digest digest, std::string_view bytes) {
  return digest == Digest::kSha256 ? digest_of<Sha256>(bytes) : digest_of<Sha512>(bytes);
}

std::string hmac(Digest digest, std::string_view key, std::string_view bytes) {
  return digest == Digest::kSha256 ? Keyed<Sha256>(key).of(bytes) : Keyed<Sha512>(key).of(bytes);
}

std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt,
                   int64_t iterations) {
  if (iterations < 1)
    throw ArgumentError(message("pbkdf2: expected iterations from 1 on, got ", iterations));
  return digest == Digest::kSha256 ? stretch<Sha256>(password, salt, iterations)
                                   : stretch<Sha512>(password, salt, iterations);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (size_t i = 0; i < a.size(); ++i)
    different |= static_cast<unsigned>(static_cast<uint8_t>(a[i] ^ b[i]));
  return different == 0;
}

}  // namespace cne
