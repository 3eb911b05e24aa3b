#include <doctest/doctest.h>

#include "modern_consumer.h"

using namespace cne::kafka;
using Ints = std::set<int32_t>;

namespace {

/// A consumer of the classic protocol that gives up everything before it joins ("eager"), or only
/// what it is told to ("cooperative").
struct OldConsumer : ClassicConsumer {
  bool cooperative = false;
  std::vector<std::string> topics{"a"};
  std::map<std::string, Ints> owned{};

  explicit OldConsumer(GroupWorld& world, bool keeps = false) : ClassicConsumer{world} {
    cooperative = keeps;
  }
  void tell() {
    ConsumerProtocolSubscription wish;
    wish.topics = topics;
    for (const auto& [topic, partitions] : owned)
      if (cooperative) wish.owned.push_back({topic, {partitions.begin(), partitions.end()}});
    protocols = {{"range", {encode_subscription(wish, 3)}}};
  }
  /// Joins and, when the group is of the consumer protocol, syncs.
  ErrorCode begin() {
    tell();
    const auto joined = enter();
    REQUIRE(joined.there());
    if (joined->error != ErrorCode::kNone) return joined->error;
    take(joined);
    return fetch_share();
  }
  ErrorCode fetch_share() {
    const auto synced = sync();
    REQUIRE(synced.there());
    if (synced->error != ErrorCode::kNone) return synced->error;
    const auto share = decode_assignment(synced->assignment.data);
    REQUIRE(share);
    owned.clear();
    for (const auto& each : share->topics)
      owned[each.name] = Ints(each.partitions.begin(), each.partitions.end());
    return ErrorCode::kNone;
  }
  ErrorCode beat() {
    const ErrorCode error = heartbeat();
    if (error != ErrorCode::kRebalanceInProgress) return error;
    if (!cooperative) owned.clear();
    return begin();
  }
};

std::string assigned(const std::map<std::string, std::vector<int32_t>>& shares) {
  ConsumerProtocolAssignment out;
  for (const auto& [topic, partitions] : shares) out.topics.push_back({topic, partitions});
  return encode_assignment(out, 3);
}

/// A stable classic group of two: the first has partitions 0 and 1, the other 2 and 3.
struct Pair {
  GroupWorld world;
  OldConsumer one, two;

  explicit Pair(bool cooperative) : one(world, cooperative), two(world, cooperative) {
    one.tell();
    two.tell();
    one.take(one.enter());
    const auto joined = two.enter();
    one.take(one.join());
    two.take(joined);
    one.sync({{one.member_id, {assigned({{"a", {0, 1}}})}},
              {two.member_id, {assigned({{"a", {2, 3}}})}}});
    one.fetch_share();
    two.fetch_share();
    REQUIRE(one.state() == "Stable");
  }
  Ints all(const ModernConsumer& young) const {
    Ints out = young.of("a");
    size_t count = out.size();
    for (const OldConsumer* each : {&one, &two})
      for (const auto& [topic, partitions] : each->owned) {
        out.insert(partitions.begin(), partitions.end());
        count += partitions.size();
      }
    CHECK(count == out.size());  // nothing twice
    return out;
  }
};

}  // namespace

TEST_CASE("consumer group: a classic group moves over while it works, and back") {
  for (const bool cooperative : {false, true}) {
    CAPTURE(cooperative);
    Pair old(cooperative);
    GroupWorld& world = old.world;
    old.one.commit("a", 0, 5);
    const int32_t generation = old.one.generation;
    ModernConsumer young{world, "young"};
    CHECK(young.beat() == ErrorCode::kNone);
    CHECK(young.of("a").empty());
    CHECK(young.epoch == generation + 1);
    CHECK(world.groups->list_groups({}).groups.at(0).type == "consumer");
    CHECK(old.one.heartbeat() == ErrorCode::kRebalanceInProgress);
    for (int i = 0; i < 4; ++i) {
      CHECK(old.one.beat() == ErrorCode::kNone);
      CHECK(old.two.beat() == ErrorCode::kNone);
      CHECK(young.beat() == ErrorCode::kNone);
      old.all(young);
    }
    CHECK(old.all(young) == Ints{0, 1, 2, 3});
    CHECK(young.of("a").size() == 1);
    CHECK(young.state() == "Stable");
    CHECK(old.one.generation == generation + 1);
    CHECK(old.one.heartbeat() == ErrorCode::kNone);
    const auto group = young.describe();
    REQUIRE(group.members.size() == 3);
    CHECK(group.members[0].type == 0);
    CHECK(group.members[2].type == 1);
    CHECK(old.one.committed("a", 0) == 5);
    CHECK(old.one.commit_error("a", 0, 6) == ErrorCode::kNone);

    world.start();  // all of that is in the log
    CHECK(young.state() == "Stable");
    CHECK(old.one.heartbeat() == ErrorCode::kNone);
    CHECK(old.two.fetch_share() == ErrorCode::kNone);
    CHECK(young.beat() == ErrorCode::kNone);
    CHECK(old.all(young) == Ints{0, 1, 2, 3});

    // A classic one goes, in its way.
    CHECK(old.two.leave()->members.at(0).error == ErrorCode::kNone);
    old.two.owned.clear();
    for (int i = 0; i < 4; ++i) {
      young.beat();
      CHECK(old.one.beat() == ErrorCode::kNone);
    }
    CHECK(old.all(young) == Ints{0, 1, 2, 3});

    // The last one of the new protocol goes: the rest assigns for itself again.
    CHECK(young.leave() == ErrorCode::kNone);
    young.owned.clear();
    CHECK(old.one.state() == "PreparingRebalance");
    CHECK(world.groups->list_groups({}).groups.at(0).type == "classic");
    old.one.tell();
    const auto joined = old.one.join();
    REQUIRE(joined.there());
    CHECK(joined->error == ErrorCode::kNone);
    CHECK(joined->leader == old.one.member_id);
    old.one.take(joined);
    old.one.sync({{old.one.member_id, {assigned({{"a", {0, 1, 2, 3}}})}}});
    world.start();
    CHECK(old.one.state() == "Stable");
    CHECK(old.one.fetch_share() == ErrorCode::kNone);
    CHECK(old.all(young) == Ints{0, 1, 2, 3});
    CHECK(old.one.committed("a", 0) == 6);
  }
}

TEST_CASE("consumer group: who waits in a classic group while it changes is sent again") {
  Pair old(false);
  OldConsumer three(old.world);
  three.tell();
  const auto joining = three.enter();
  CHECK(!joining.there());
  ModernConsumer young{old.world, "young"};
  CHECK(young.beat() == ErrorCode::kNone);
  REQUIRE(joining.there());
  CHECK(joining->error == ErrorCode::kRebalanceInProgress);
  CHECK(three.begin() == ErrorCode::kNone);
  for (int i = 0; i < 6; ++i) {
    CHECK(old.one.beat() == ErrorCode::kNone);
    CHECK(old.two.beat() == ErrorCode::kNone);
    CHECK(three.beat() == ErrorCode::kNone);
    CHECK(young.beat() == ErrorCode::kNone);
  }
  CHECK(young.of("a").size() == 1);
  CHECK(three.owned["a"].size() == 1);
  CHECK(young.state() == "Stable");
}

TEST_CASE("consumer group: what classic members of it are answered") {
  Pair old(true);
  GroupWorld& world = old.world;
  ModernConsumer young{world, "young"};
  young.beat();
  OldConsumer other = old.one;
  other.generation += 7;
  CHECK(other.heartbeat() == ErrorCode::kIllegalGeneration);
  CHECK(other.sync()->error == ErrorCode::kIllegalGeneration);
  CHECK(other.commit_error("a", 0, 1) == ErrorCode::kIllegalGeneration);
  other.member_id = "young";  // speaks the other protocol
  CHECK(other.heartbeat() == ErrorCode::kUnknownMemberId);
  CHECK(other.sync()->error == ErrorCode::kUnknownMemberId);
  CHECK(other.leave()->members.at(0).error == ErrorCode::kUnknownMemberId);
  CHECK(old.one.sync()->error == ErrorCode::kRebalanceInProgress);
  ClassicConsumer wrong{world};
  wrong.type = "connect";
  CHECK(wrong.join()->error == ErrorCode::kInconsistentGroupProtocol);
  wrong.type = "consumer";
  wrong.protocols = {{"roundrobin", subscription({"a"})}};
  CHECK(wrong.join()->error == ErrorCode::kInconsistentGroupProtocol);
  wrong.protocols = {{"range", {"junk"}}};
  CHECK(wrong.join()->error == ErrorCode::kInconsistentGroupProtocol);
  wrong.protocols = {{"range", subscription({"a"})}};
  CHECK(wrong.join()->error == ErrorCode::kMemberIdRequired);
  wrong.instance = "i";
  wrong.member_id = "x";
  CHECK(wrong.join()->error == ErrorCode::kUnknownMemberId);
}

TEST_CASE("consumer group: classic members that do not come again are out") {
  Pair old(false);
  ModernConsumer young{old.world, "young"};
  young.beat();
  CHECK(old.one.heartbeat() == ErrorCode::kRebalanceInProgress);
  for (int i = 0; i < 12; ++i) {  // their rebalance timeout is a minute
    old.world.advance(5000);
    old.one.heartbeat();
    old.two.beat();
    young.beat();
  }
  CHECK(old.one.heartbeat() == ErrorCode::kUnknownMemberId);
  for (int i = 0; i < 4; ++i) {
    old.two.beat();
    young.beat();
  }
  CHECK(young.of("a").size() == 2);
  // One that joins but does not fetch its share.
  OldConsumer three(old.world);
  three.tell();
  three.take(three.enter());
  old.world.advance(9000);
  CHECK(young.describe().members.size() == 3);
  old.two.beat();
  young.beat();
  old.world.advance(1000);
  CHECK(young.describe().members.size() == 2);
}

TEST_CASE("consumer group: a group that is no consumer's cannot change") {
  GroupWorld world;
  ClassicConsumer worker{world};
  worker.type = "connect";
  worker.take(worker.enter());
  worker.sync();
  ModernConsumer young{world, "young"};
  CHECK(young.beat() == ErrorCode::kGroupIdNotFound);
  CHECK(worker.state() == "Stable");
  ClassicConsumer odd{world};
  odd.group = "odd";
  odd.protocols = {{"range", {"junk"}}};
  odd.take(odd.enter());
  odd.sync();
  young.group = "odd";
  CHECK(young.beat() == ErrorCode::kGroupIdNotFound);
  CHECK(odd.heartbeat() == ErrorCode::kNone);
}

TEST_CASE("consumer group: a static member comes back in the other protocol") {
  GroupWorld world;
  ModernConsumer young{world, "young"}, other{world, "other"};
  young.instance = "i";
  young.beat();
  other.beat();
  settle({&young, &other});
  OldConsumer old(world, true);
  old.instance = "i";
  CHECK(old.begin() == ErrorCode::kNone);
  CHECK(old.owned["a"] == young.of("a"));
  CHECK(young.beat() == ErrorCode::kFencedInstanceId);
  CHECK(old.heartbeat() == ErrorCode::kNone);
  CHECK(other.describe().members.size() == 2);
}
