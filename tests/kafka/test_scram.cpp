#include <doctest/doctest.h>

#include <string>

#include "kafka/scram.h"

using namespace cne;
using namespace cne::kafka;

namespace {

using State = ScramServer::Step::State;

/// The user of RFC 7677, chapter 3: password "pencil".
std::optional<ScramCredential> find_user(const std::string& user) {
  if (user != "user" && user != "a,b=c") return std::nullopt;
  const std::string salt = *from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  return scram_credential(ScramMechanism::kSha256, pbkdf2(Digest::kSha256, "pencil", salt, 4096),
                          salt, 4096);
}

ScramServer server() {
  return {ScramMechanism::kSha256, &find_user, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "decoy"};
}

constexpr char kFirst[] = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr char kServerFirst[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr char kFinal[] =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr char kServerFinal[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

/// A client's side, by the formulas of RFC 5802; with the server's nonce when none is given.
std::string client_final(Digest digest, const std::string& password, const std::string& header,
                         const std::string& first_bare, const std::string& server_first,
                         const std::string& nonce = "") {
  const auto part = [&](const char* name) {
    const size_t at = server_first.find(name) + 2;
    return server_first.substr(at, server_first.find(',', at) - at);
  };
  const std::string salted =
      pbkdf2(digest, password, *from_base64(part("s=")), std::stoll(part("i=")));
  const std::string key = hmac(digest, salted, "Client Key");
  const std::string without =
      "c=" + to_base64(header) + ",r=" + (nonce.empty() ? part("r=") : nonce);
  const std::string signature =
      hmac(digest, sha2(digest, key), first_bare + "," + server_first + "," + without);
  std::string proof = key;
  for (size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  return without + ",p=" + to_base64(proof);
}

}  // namespace

TEST_CASE("scram: the exchange of RFC 7677") {
  ScramServer it = server();
  const auto first = it.take(kFirst);
  REQUIRE(first.state == State::kContinue);
  CHECK(first.reply == kServerFirst);
  const auto last = it.take(kFinal);
  REQUIRE(last.state == State::kDone);
  CHECK(last.reply == kServerFinal);
  CHECK(it.user() == "user");
  CHECK(it.take(kFinal).state == State::kFailed);
}

TEST_CASE("scram: SHA-512, by the formulas") {
  const std::string salt = "0123456789abcdef";
  const auto find = [&](const std::string&) {
    return scram_credential(ScramMechanism::kSha512, pbkdf2(Digest::kSha512, "secret", salt, 5000),
                            salt, 5000);
  };
  for (const bool right : {true, false}) {
    ScramServer it(ScramMechanism::kSha512, find, "server", "decoy");
    const auto first = it.take("y,a=alice,n=alice,r=client");
    REQUIRE(first.state == State::kContinue);
    CHECK(first.reply == "r=clientserver,s=" + to_base64(salt) + ",i=5000");
    const auto last = it.take(client_final(Digest::kSha512, right ? "secret" : "Secret",
                                           "y,a=alice,", "n=alice,r=client", first.reply));
    CHECK((last.state == State::kDone) == right);
  }
}

TEST_CASE("scram: a client that repeats its nonce, as librdkafka did before 2.2") {
  for (const std::string front : {"", "abc", "xyz"}) {
    ScramServer it = server();
    const auto first = it.take("n,,n=user,r=abc");
    REQUIRE(first.state == State::kContinue);
    const std::string nonce = first.reply.substr(2, first.reply.find(',') - 2);
    const auto last = it.take(
        client_final(Digest::kSha256, "pencil", "n,,", "n=user,r=abc", first.reply, front + nonce));
    CHECK(last.state == State::kDone);
  }
  for (const std::string nonce : {"abc", "abcabc"}) {
    ScramServer it = server();
    const auto first = it.take("n,,n=user,r=abc");
    const auto last =
        it.take(client_final(Digest::kSha256, "pencil", "n,,", "n=user,r=abc", first.reply, nonce));
    CHECK(last.state == State::kFailed);
  }
}

TEST_CASE("scram: names with a comma and an equals sign") {
  ScramServer it = server();
  const auto first = it.take("n,,n=a=2Cb=3Dc,r=abc");
  REQUIRE(first.state == State::kContinue);
  CHECK(it.user() == "a,b=c");
  const auto last =
      it.take(client_final(Digest::kSha256, "pencil", "n,,", "n=a=2Cb=3Dc,r=abc", first.reply));
  CHECK(last.state == State::kDone);
}

TEST_CASE("scram: a user that is not there fails at the end, with the same salt each time") {
  ScramServer one = server();
  ScramServer two = server();
  const auto first = one.take("n,,n=nobody,r=abc");
  CHECK(first.state == State::kContinue);
  CHECK(first.reply == two.take("n,,n=nobody,r=abc").reply);
  CHECK(first.reply != server().take("n,,n=no-one,r=abc").reply);
  const auto last =
      one.take(client_final(Digest::kSha256, "pencil", "n,,", "n=nobody,r=abc", first.reply));
  CHECK(last.state == State::kFailed);
}

TEST_CASE("scram: messages that are none") {
  for (const char* first :
       {"", "n", "n,", "n,,", "n,,n=user", "n,,r=abc,n=user", "n,,n=,r=abc",
        "n,,n=user,r=", "n,,n=us=er,r=abc", "n,,n=us=2cer,r=abc", "p=tls-unique,,n=user,r=abc",
        "x,,n=user,r=abc", "n,a=other,n=user,r=abc", "n,a=user", "n,,m=ext,n=user,r=abc",
        "n,,n=user,r=a\tb", "n,,n=\xff,r=abc"}) {
    CAPTURE(first);
    CHECK(server().take(first).state == State::kFailed);
  }
  const std::string good = kFinal;
  const std::string proof = good.substr(good.find(",p="));
  for (const std::string& last :
       {std::string(), std::string("p="), good.substr(1), good.substr(0, good.size() - 1),
        good + "=", good.substr(0, good.find(",p=")), "c=biws,r=other" + proof,
        "c=eSws" + good.substr(6), "r=x,c=biws" + proof,
        good.substr(0, good.find(",p=")) + ",p=AAAA", good.substr(0, good.size() - 2) + "R="}) {
    ScramServer it = server();
    REQUIRE(it.take(kFirst).state == State::kContinue);
    CAPTURE(last);
    CHECK(it.take(last).state == State::kFailed);
  }
}

TEST_CASE("scram: the password of a credential") {
  const auto credential = *find_user("user");
  CHECK(is_password(ScramMechanism::kSha256, credential, "pencil"));
  CHECK_FALSE(is_password(ScramMechanism::kSha256, credential, "pencils"));
}

TEST_CASE("scram: base64 of RFC 4648, chapter 10") {
  const char* const pairs[][2] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, encoded] : pairs) {
    CHECK(to_base64(text) == encoded);
    CHECK(from_base64(encoded) == std::string(text));
  }
  for (const char* bad : {"Z", "Zg=", "Zg", "Z===", "====", "Zg=a", "Zm 9", "Zm9v\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(from_base64(bad).has_value());
  }
}
