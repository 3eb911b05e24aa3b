#include <doctest/doctest.h>

#include <string>

#include "core/error.h"
#include "core/sha2.h"

using namespace cne;

namespace {

std::string hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

/// The digest of the digests of texts of 0 to 299 bytes: every way to end in a block.
std::string digest_of_digests(Digest digest) {
  std::string all;
  for (int size = 0; size < 300; ++size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(i * 7 + size);
    all += sha2(digest, text);
  }
  return hex(sha2(digest, all));
}

}  // namespace

TEST_CASE("sha2: the examples of FIPS 180-4") {
  CHECK(hex(sha2(Digest::kSha256, "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha2(Digest::kSha256, "")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha2(Digest::kSha512, "abc")) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("sha2: every length around a block, as Python's hashlib has it") {
  CHECK(digest_of_digests(Digest::kSha256) ==
        "d5238871a46ac4a1a75ac3fb19d645b0b3b9e5f35f5f720e2b240d605c6b694e");
  CHECK(digest_of_digests(Digest::kSha512) ==
        "30d6c78a55e1f152f00703601a37b39b96c6c8fa2b3e66fb9c8182466b108d39"
        "d5dd84827c69cadb4376853da7ec31ea83a0a7a0e5a713bac426e0f0ceea8424");
}

TEST_CASE("sha2: bytes in parts are the same as at once") {
  const std::string text(1000, 'x');
  for (const size_t part : {1, 3, 64, 65, 128, 999}) {
    Sha512 hash;
    for (size_t at = 0; at < text.size(); at += part) hash.add(text.substr(at, part));
    CHECK(hash.finish() == sha2(Digest::kSha512, text));
  }
}

TEST_CASE("sha2: HMAC of RFC 4231, cases 2 and 6") {
  CHECK(hex(hmac(Digest::kSha256, "Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac(Digest::kSha256, std::string(131, '\xaa'),
                 "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("sha2: PBKDF2 of RFC 7914, chapter 11, and bad arguments") {
  CHECK(hex(pbkdf2(Digest::kSha256, "passwd", "salt", 1)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK(hex(pbkdf2(Digest::kSha256, "Password", "NaCl", 80000)) ==
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
  CHECK_THROWS_AS(pbkdf2(Digest::kSha512, "p", "s", 0), ArgumentError);
}

TEST_CASE("sha2: comparing") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}
