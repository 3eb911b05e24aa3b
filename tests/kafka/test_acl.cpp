#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

#include "core/error.h"
#include "kafka/acl_store.h"
#include "kafka/authorizer.h"
#include "scratch.h"

using namespace cne;
using namespace cne::kafka;

namespace {

using Type = AclResourceType;
using Pattern = AclPatternType;
using Op = AclOperation;

Acl allow(Type type, const std::string& name, Op operation, Pattern pattern = Pattern::kLiteral,
          const std::string& principal = "User:a", const std::string& host = "*") {
  return {type, pattern, name, principal, host, operation, AclPermission::kAllow};
}

Acl deny(Acl acl) {
  acl.permission = AclPermission::kDeny;
  return acl;
}

Peer peer_of(const std::string& principal, const std::string& address = "10.0.0.1") {
  Peer peer;
  peer.principal = principal;
  peer.address = address;
  return peer;
}

struct Fixture {
  Scratch scratch;
  AclStore store{scratch.path};
  Authorizer authorizer{store, {true, {"User:root"}, false}};
  bool may(const std::string& principal, Op operation, const AclResource& resource) {
    return authorizer.decide(peer_of(principal), operation, resource);
  }
};

}  // namespace

TEST_CASE("acl: nothing is allowed without a rule, everything to super users") {
  Fixture f;
  CHECK_FALSE(f.may("User:a", Op::kRead, on_topic("t")));
  CHECK(f.may("User:root", Op::kRead, on_topic("t")));
  f.store.add({deny(allow(Type::kTopic, "t", Op::kAll, Pattern::kLiteral, "User:root"))});
  CHECK(f.may("User:root", Op::kRead, on_topic("t")));
}

TEST_CASE("acl: literal, prefixed and wildcard patterns") {
  Fixture f;
  f.store.add({allow(Type::kTopic, "t", Op::kRead),
               allow(Type::kTopic, "log-", Op::kRead, Pattern::kPrefixed),
               allow(Type::kGroup, "*", Op::kRead)});
  CHECK(f.may("User:a", Op::kRead, on_topic("t")));
  CHECK_FALSE(f.may("User:a", Op::kRead, on_topic("tt")));
  CHECK(f.may("User:a", Op::kRead, on_topic("log-1")));
  CHECK(f.may("User:a", Op::kRead, on_topic("log-")));
  CHECK_FALSE(f.may("User:a", Op::kRead, on_topic("log")));
  CHECK_FALSE(f.may("User:b", Op::kRead, on_topic("t")));
  CHECK(f.may("User:a", Op::kRead, on_group("any")));
  CHECK_FALSE(f.may("User:a", Op::kRead, on_transactional_id("t")));
}

TEST_CASE("acl: what implies what, and what is denied by name only") {
  Fixture f;
  f.store.add({allow(Type::kTopic, "t", Op::kWrite), allow(Type::kTopic, "t", Op::kAlterConfigs)});
  CHECK(f.may("User:a", Op::kDescribe, on_topic("t")));
  CHECK(f.may("User:a", Op::kDescribeConfigs, on_topic("t")));
  CHECK_FALSE(f.may("User:a", Op::kRead, on_topic("t")));
  f.store.add({deny(allow(Type::kTopic, "t", Op::kWrite))});
  CHECK_FALSE(f.may("User:a", Op::kWrite, on_topic("t")));
  CHECK(f.may("User:a", Op::kDescribe, on_topic("t")));
  f.store.add({deny(allow(Type::kTopic, "t", Op::kDescribe))});
  CHECK_FALSE(f.may("User:a", Op::kDescribe, on_topic("t")));
}

TEST_CASE("acl: hosts, and rules for everyone") {
  Fixture f;
  f.store.add({allow(Type::kTopic, "t", Op::kAll, Pattern::kLiteral, "User:*", "10.0.0.1"),
               deny(allow(Type::kTopic, "t", Op::kDelete, Pattern::kLiteral, "User:*"))});
  CHECK(f.authorizer.decide(peer_of("User:x"), Op::kRead, on_topic("t")));
  CHECK_FALSE(f.authorizer.decide(peer_of("User:x", "10.0.0.2"), Op::kRead, on_topic("t")));
  CHECK_FALSE(f.may("User:x", Op::kDelete, on_topic("t")));
}

TEST_CASE("acl: everyone may use what no rule covers, if so told") {
  Fixture f;
  const Authorizer open(f.store, {true, {}, true});
  f.store.add({allow(Type::kTopic, "t", Op::kRead)});
  CHECK(open.decide(peer_of("User:b"), Op::kRead, on_topic("other")));
  CHECK_FALSE(open.decide(peer_of("User:b"), Op::kRead, on_topic("t")));
}

TEST_CASE("acl: rules survive, and a damaged file is an error") {
  Scratch scratch;
  const Acl first = allow(Type::kTopic, "a \"quoted\" \xc3\xa4", Op::kRead);
  {
    AclStore store(scratch.path);
    store.add({first, allow(Type::kGroup, "g", Op::kAll)});
    const auto taken =
        store.remove({{Type::kGroup, Pattern::kAny, {}, {}, {}, Op::kAny, AclPermission::kAny}});
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].size() == 1);
  }
  AclStore again(scratch.path);
  CHECK(again.list({}) == std::vector<Acl>{first});
  const std::string file = scratch.path + "/broker.acls";
  std::string text = read_file(file);
  for (size_t i = 0; i < text.size(); i += 7) {
    std::string bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    write_file_atomic(file, bad);
    CHECK_THROWS_AS(AclStore{scratch.path}, CorruptionError);
  }
  for (size_t size = 0; size < text.size(); ++size) {
    write_file_atomic(file, text.substr(0, size));
    CHECK_THROWS_AS(AclStore{scratch.path}, CorruptionError);
  }
}

TEST_CASE("acl: filters") {
  const Acl literal = allow(Type::kTopic, "log-1", Op::kRead);
  const Acl prefixed = allow(Type::kTopic, "log", Op::kRead, Pattern::kPrefixed);
  const Acl all = allow(Type::kTopic, "*", Op::kRead);
  AclFilter match;
  match.pattern = Pattern::kMatch;
  match.name = "log-1";
  CHECK(match.matches(literal));
  CHECK(match.matches(prefixed));
  CHECK(match.matches(all));
  match.name = "lo";
  CHECK_FALSE(match.matches(prefixed));
  AclFilter any;
  any.name = "log";
  CHECK(any.matches(prefixed));
  CHECK_FALSE(any.matches(literal));
  any.pattern = Pattern::kLiteral;
  CHECK_FALSE(any.matches(prefixed));
  any = {};
  any.operation = Op::kWrite;
  CHECK_FALSE(any.matches(literal));
  any.operation = static_cast<Op>(99);
  CHECK(any.is_unknown());
}

TEST_CASE("acl: rules that are none") {
  CHECK_FALSE(fault_of(allow(Type::kTopic, "t", Op::kRead)));
  CHECK(fault_of(allow(Type::kAny, "t", Op::kRead)));
  CHECK(fault_of(allow(Type::kTopic, "", Op::kRead)));
  CHECK(fault_of(allow(Type::kTopic, "\xff", Op::kRead)));
  CHECK(fault_of(allow(Type::kTopic, "t", Op::kAny)));
  CHECK(fault_of(allow(Type::kTopic, "t", Op::kRead, Pattern::kMatch)));
  CHECK(fault_of(allow(Type::kTopic, "t", Op::kRead, Pattern::kLiteral, "alice")));
  CHECK(fault_of(allow(Type::kTopic, "t", Op::kRead, Pattern::kLiteral, "User:")));
  CHECK(fault_of(allow(Type::kTopic, "t", Op::kRead, Pattern::kLiteral, "User:a", "")));
  CHECK(fault_of(allow(Type::kCluster, "other", Op::kAlter)));
}

TEST_CASE("acl: the index finds what trying every rule finds") {
  std::mt19937 random(7);
  const auto word = [&] {
    std::string out;
    for (int size = static_cast<int>(random() % 6) + 1; size > 0; --size)
      out += static_cast<char>('a' + random() % 3);
    return out;
  };
  std::set<Acl> rules;
  for (int i = 0; i < 200; ++i)
    rules.insert(allow(random() % 2 ? Type::kTopic : Type::kGroup, random() % 20 ? word() : "*",
                       Op::kRead, random() % 2 ? Pattern::kLiteral : Pattern::kPrefixed));
  const AclIndex index(rules);
  for (int i = 0; i < 2000; ++i) {
    const std::string name = word();
    std::set<Acl> found;
    index.visit(Type::kTopic, name, [&](const Acl& acl) { CHECK(found.insert(acl).second); });
    AclFilter match;
    match.type = Type::kTopic;
    match.pattern = Pattern::kMatch;
    match.name = name;
    std::set<Acl> expected;
    for (const Acl& acl : rules)
      if (match.matches(acl)) expected.insert(acl);
    CHECK(found == expected);
  }
}
