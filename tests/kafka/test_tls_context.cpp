#include <doctest/doctest.h>

#include "core/error.h"
#include "kafka/security.h"
#include "kafka/tls_context.h"

using namespace cne;
using namespace cne::kafka;

TEST_CASE("tls_context: PEM in one line has its lines again") {
  const std::string digits(100, 'A');
  const std::string pem = "-----BEGIN CERTIFICATE-----\n" + digits.substr(0, 64) + "\n" +
                          digits.substr(64) + "\n-----END CERTIFICATE-----\n";
  std::string flat = pem;
  for (char& c : flat)
    if (c == '\n') c = ' ';
  CHECK(with_line_breaks(flat) == pem);
  CHECK(with_line_breaks(pem) == pem);
  CHECK(with_line_breaks("noise " + flat + " noise " + flat) == pem + pem);
  CHECK(with_line_breaks("-----BEGIN X-----abc").empty());
  const std::string old = "-----BEGIN KEY-----\nDEK-Info: AES\n\nAAAA\n-----END KEY-----\n";
  CHECK(with_line_breaks(old) == old);
}

TEST_CASE("security: users of PLAIN in a JAAS configuration") {
  const auto users = parse_plain_users(
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"x\" "
      "password=\"y\" user_alice=\"al\\\"ice;\" user_bob=\"b\";");
  CHECK(users == std::map<std::string, std::string>{{"alice", "al\"ice;"}, {"bob", "b"}});
  CHECK(parse_plain_users("").empty());
  for (const char* bad : {"ScramLoginModule required;", "PlainLoginModule required",
                          "PlainLoginModule required user_a=b;",
                          "PlainLoginModule required user_a=\"b", "PlainLoginModule"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_plain_users(bad), ArgumentError);
  }
}

TEST_CASE("security: settings of a listener go before those of all") {
  SecurityConfig config;
  config.set("ssl.client.auth", "required");
  config.set("listener.name.INSIDE.ssl.client.auth", "none");
  config.set("listener.name.inside.plain.connections.max.reauth.ms", "7");
  CHECK(config.get("ssl.client.auth", "INSIDE") == "none");
  CHECK(config.get("ssl.client.auth", "OUTSIDE") == "required");
  CHECK(config.get_int("connections.max.reauth.ms", "INSIDE", "PLAIN") == 7);
  CHECK(config.get_int("connections.max.reauth.ms", "INSIDE", "SCRAM-SHA-256") == 0);
  CHECK_THROWS_AS(config.set("listener.name.inside.super.users", "User:x"), ArgumentError);
  CHECK_THROWS_AS(config.set("connections.max.reauth.ms", "-1"), ArgumentError);
  CHECK_THROWS_AS(config.set("allow.everyone.if.no.acl.found", "yes"), ArgumentError);
}
