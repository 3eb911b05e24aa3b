#include <doctest/doctest.h>

#include "core/error.h"
#include "kafka/principal_mapping.h"

using namespace cne;
using cne::kafka::PrincipalMapping;

// The examples of KIP-371.
TEST_CASE("principal_mapping: the first rule that matches the whole name") {
  const PrincipalMapping rules(
      "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,"
      "RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L,"
      "RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U, DEFAULT");
  CHECK(rules.user_of("CN=serviceuser,OU=ServiceUsers,O=Unknown,C=Unknown") == "serviceuser");
  CHECK(rules.user_of("CN=adminUser,OU=Admin,O=Unknown,L=Unknown,ST=Unknown,C=Unknown") ==
        "adminuser@admin");
  CHECK(rules.user_of("O=x,cn=kafka1") == "KAFKA1");
  CHECK(rules.user_of("O=other") == "O=other");
}

TEST_CASE("principal_mapping: without a rule that matches the name stays") {
  CHECK(PrincipalMapping("DEFAULT").user_of("CN=x,O=y") == "CN=x,O=y");
  CHECK(PrincipalMapping("").user_of("CN=x") == "CN=x");
  CHECK(PrincipalMapping("RULE:^CN=(.*)\\/x$/a\\/$1/").user_of("CN=b/x") == "a/b");
  CHECK(PrincipalMapping("RULE:.*/x/").user_of(std::string(100'000, 'a')).size() == 100'000);
}

TEST_CASE("principal_mapping: rules that are none") {
  for (const char* bad :
       {"x", "RULE:", "RULE:a/b", "RULE:(/b/", "RULE:a/b/X", "DEFAULT RULE:a/b/"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(PrincipalMapping{bad}, ArgumentError);
  }
}
