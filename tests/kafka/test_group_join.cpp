#include <doctest/doctest.h>

#include "group_world.h"

using namespace cne::kafka;

namespace {

/// A stable group of one leader.
ClassicConsumer stable(GroupWorld& world, std::optional<std::string> instance = {}) {
  ClassicConsumer consumer{world};
  consumer.instance = std::move(instance);
  const auto joined = consumer.enter();
  REQUIRE(joined.there());
  REQUIRE(joined->error == ErrorCode::kNone);
  consumer.take(joined);
  const auto synced = consumer.sync({{consumer.member_id, {"all"}}});
  REQUIRE(synced.there());
  REQUIRE(synced->assignment.data == "all");
  REQUIRE(consumer.state() == "Stable");
  return consumer;
}

}  // namespace

TEST_CASE("group: a new member gets an id first, and then the group") {
  GroupWorld world;
  ClassicConsumer one{world};
  const auto first = one.join();
  REQUIRE(first.there());
  CHECK(first->error == ErrorCode::kMemberIdRequired);
  CHECK(first->member_id == "client-1");
  CHECK(first->generation_id == -1);
  one.member_id = first->member_id;
  const auto second = one.join();
  REQUIRE(second.there());
  CHECK(second->error == ErrorCode::kNone);
  CHECK(second->generation_id == 1);
  CHECK(second->leader == "client-1");
  CHECK(second->member_id == "client-1");
  CHECK(second->protocol_type == "consumer");
  CHECK(second->protocol_name == "range");
  REQUIRE(second->members.size() == 1);
  CHECK(second->members[0].metadata == subscription({"a"}));
  CHECK(one.state() == "CompletingRebalance");
}

TEST_CASE("group: before version 4 a member is in at once") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.client.version = 3;
  const auto joined = one.join();
  REQUIRE(joined.there());
  CHECK(joined->error == ErrorCode::kNone);
  CHECK(joined->generation_id == 1);
}

TEST_CASE("group: an id that was given out and does not come back is forgotten") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.take(one.join());
  CHECK(one.state() == "Empty");
  world.advance(one.session_ms);
  CHECK(one.join()->error == ErrorCode::kUnknownMemberId);
  CHECK(world.groups->list_groups({}).groups.empty());
}

TEST_CASE("group: the first members are waited for, each giving the others more time") {
  GroupWorld world(3000);
  ClassicConsumer one{world}, two{world}, three{world};
  const auto first = one.enter();
  world.advance(2900);
  CHECK(!first.there());
  const auto second = two.enter();
  world.advance(2900);
  CHECK(!first.there());
  const auto third = three.enter();
  world.advance(3099);
  CHECK(!first.there());
  world.advance(101);
  REQUIRE(first.there());
  REQUIRE(second.there());
  REQUIRE(third.there());
  CHECK(first->generation_id == 1);
  CHECK(first->members.size() + second->members.size() + third->members.size() == 3);
  CHECK(first->leader == third->leader);
}

TEST_CASE("group: the delay of first members ends with their rebalance timeout") {
  GroupWorld world(3000);
  ClassicConsumer one{world};
  one.rebalance_ms = 5000;
  const auto first = one.enter();
  // 3 s, and since someone came in that time the 2 s that are left.
  std::vector<ClassicConsumer> others(20, ClassicConsumer{world});
  std::vector<Answer<JoinGroupResponse>> answers;
  int64_t waited = 0;
  for (auto& each : others) {
    each.rebalance_ms = 5000;
    if (first.there()) break;
    answers.push_back(each.enter());
    world.advance(1000);
    waited += 1000;
  }
  CHECK(waited >= 5000);
  CHECK(waited <= 6000);
}

TEST_CASE("group: all members join anew when one comes") {
  GroupWorld world;
  ClassicConsumer one = stable(world), two{world};
  const auto joined = two.enter();
  CHECK(!joined.there());
  CHECK(one.state() == "PreparingRebalance");
  CHECK(one.heartbeat() == ErrorCode::kRebalanceInProgress);
  const auto again = one.join();
  REQUIRE(again.there());
  REQUIRE(joined.there());
  one.take(again);
  two.take(joined);
  CHECK(again->generation_id == 2);
  CHECK(again->leader == one.member_id);
  CHECK(again->members.size() == 2);
  CHECK(joined->members.empty());

  const auto share = two.sync();
  CHECK(!share.there());
  CHECK(two.heartbeat() == ErrorCode::kNone);
  const auto led = one.sync({{one.member_id, {"1"}}, {two.member_id, {"2"}}, {"else", {"3"}}});
  REQUIRE(led.there());
  REQUIRE(share.there());
  CHECK(led->assignment.data == "1");
  CHECK(share->assignment.data == "2");
  CHECK(share->protocol_name == "range");
  CHECK(one.state() == "Stable");
}

TEST_CASE("group: who does not join again in time is out") {
  GroupWorld world;
  ClassicConsumer one = stable(world), two{world};
  one.session_ms = 1'000'000;  // is not what it told before
  const auto joined = two.enter();
  // Its session is kept up, but it does not join.
  for (int i = 0; i < 12; ++i) {
    CHECK(!joined.there());
    CHECK(one.heartbeat() == ErrorCode::kRebalanceInProgress);
    world.advance(5000);
  }
  REQUIRE(joined.there());
  CHECK(joined->leader == joined->member_id);
  CHECK(joined->members.size() == 1);
  CHECK(one.heartbeat() == ErrorCode::kUnknownMemberId);
}

TEST_CASE("group: the protocol with the most first votes among the common ones") {
  GroupWorld world(3000);
  ClassicConsumer one{world}, two{world}, three{world};
  one.protocols = {{"x", {}}, {"roundrobin", {"r1"}}, {"range", {"g1"}}};
  two.protocols = {{"range", {"g2"}}, {"roundrobin", {"r2"}}};
  three.protocols = {{"roundrobin", {"r3"}}, {"range", {"g3"}}};
  const auto a = one.enter(), b = two.enter(), c = three.enter();
  world.advance(10'000);
  REQUIRE(a.there());
  CHECK(a->protocol_name == "roundrobin");
  const auto& lead = !a->members.empty() ? a : !b->members.empty() ? b : c;
  std::vector<std::string> seen;
  for (const auto& member : lead->members) seen.push_back(member.metadata.data);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<std::string>{"r1", "r2", "r3"});

  ClassicConsumer other{world};
  other.protocols = {{"sticky", {}}};
  CHECK(other.join()->error == ErrorCode::kInconsistentGroupProtocol);
  other.protocols = {{"x", {}}};  // not everybody's
  CHECK(other.join()->error == ErrorCode::kInconsistentGroupProtocol);
  other.protocols = {{"range", {}}};
  other.type = "connect";
  CHECK(other.join()->error == ErrorCode::kInconsistentGroupProtocol);
  other.group = "new";
  other.protocols = {};
  CHECK(other.join()->error == ErrorCode::kInconsistentGroupProtocol);
  other.protocols = {{"range", {}}};
  other.type = "";
  CHECK(other.join()->error == ErrorCode::kInconsistentGroupProtocol);
  CHECK(world.groups->list_groups({}).groups.size() == 1);
}

TEST_CASE("group: a request that was sent again gets the same answer") {
  GroupWorld world;
  ClassicConsumer one = stable(world), two{world};
  auto joined = two.enter();
  one.take(one.join());
  two.take(joined);
  REQUIRE(one.state() == "CompletingRebalance");
  const auto leader_again = one.join();
  REQUIRE(leader_again.there());
  CHECK(leader_again->generation_id == 2);
  CHECK(leader_again->members.size() == 2);
  one.sync();
  const auto follower_again = two.join();
  REQUIRE(follower_again.there());
  CHECK(follower_again->generation_id == 2);
  CHECK(follower_again->members.empty());
  CHECK(two.state() == "Stable");
  // Something new of a follower, or anything of the leader, is a rebalance.
  two.protocols = {{"range", subscription({"b"})}};
  CHECK(!two.join().there());
  CHECK(two.state() == "PreparingRebalance");
  one.take(one.join());
  one.sync();
  CHECK(one.state() == "Stable");
  CHECK(!one.join().there());
  CHECK(one.state() == "PreparingRebalance");
}

TEST_CASE("group: a join in place of one that waits") {
  GroupWorld world;
  ClassicConsumer one = stable(world), two{world};
  const auto lost = two.enter();
  two.member_id = "client-2";
  const auto kept = two.join();
  REQUIRE(lost.there());
  CHECK(lost->error == ErrorCode::kRebalanceInProgress);
  CHECK(!kept.there());
  one.join();
  REQUIRE(kept.there());
  CHECK(kept->error == ErrorCode::kNone);
}

TEST_CASE("group: ids and timeouts that cannot be") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.group = "";
  CHECK(one.join()->error == ErrorCode::kInvalidGroupId);
  CHECK(one.sync()->error == ErrorCode::kInvalidGroupId);
  CHECK(one.heartbeat() == ErrorCode::kInvalidGroupId);
  CHECK(one.leave()->error == ErrorCode::kInvalidGroupId);
  one.group = "g";
  one.session_ms = 5999;
  CHECK(one.join()->error == ErrorCode::kInvalidSessionTimeout);
  one.session_ms = 1'800'001;
  CHECK(one.join()->error == ErrorCode::kInvalidSessionTimeout);
  one.session_ms = 6000;
  one.member_id = "nobody";
  CHECK(one.join()->error == ErrorCode::kUnknownMemberId);
  CHECK(one.join()->member_id == "nobody");
  CHECK(one.sync()->error == ErrorCode::kUnknownMemberId);
  CHECK(one.heartbeat() == ErrorCode::kUnknownMemberId);
  CHECK(one.leave()->error == ErrorCode::kUnknownMemberId);
}

TEST_CASE("group: no more members than the limit") {
  GroupWorld world;
  world.config.max_size = 2;
  world.start();
  ClassicConsumer one = stable(world), two{world}, three{world};
  const auto second = two.enter();
  const auto refused = three.join();
  CHECK(refused->error == ErrorCode::kMemberIdRequired);  // one joins, so there is a place
  one.join();
  CHECK(!second.there());  // the id that was given out may still come
  three.member_id = refused->member_id;
  CHECK(three.join()->error == ErrorCode::kGroupMaxSizeReached);
  REQUIRE(second.there());
  CHECK(three.join()->error == ErrorCode::kGroupMaxSizeReached);
  CHECK(three.join()->member_id == "");
  CHECK(one.state() == "CompletingRebalance");
}

TEST_CASE("group: static members come back without a rebalance") {
  GroupWorld world;
  for (const int16_t version : {int16_t{5}, int16_t{9}}) {
    CAPTURE(version);
    ClassicConsumer one = stable(world, "i");
    one.client.version = version;
    const std::string old_id = one.member_id;
    ClassicConsumer back = one;
    back.member_id = "";
    const auto joined = back.join();
    REQUIRE(joined.there());
    CHECK(joined->error == ErrorCode::kNone);
    CHECK(joined->generation_id == one.generation);
    CHECK(joined->member_id != old_id);
    // A leader that cannot skip the assignment must not know that it leads.
    CHECK(joined->leader == (version >= 9 ? joined->member_id : old_id));
    CHECK(joined->skip_assignment == (version >= 9));
    CHECK(joined->members.size() == (version >= 9 ? 1 : 0));
    back.take(joined);
    CHECK(back.state() == "Stable");
    CHECK(back.sync()->assignment.data == "all");
    CHECK(back.heartbeat() == ErrorCode::kNone);
    CHECK(one.heartbeat() == ErrorCode::kFencedInstanceId);
    CHECK(one.sync()->error == ErrorCode::kFencedInstanceId);
    CHECK(one.join()->error == ErrorCode::kFencedInstanceId);
    CHECK(one.commit_error("a", 0, 1) == ErrorCode::kFencedInstanceId);
    CHECK(one.leave()->members.at(0).error == ErrorCode::kFencedInstanceId);
    back.leave();
    CHECK(back.state() == "Empty");
  }
}

TEST_CASE("group: a static member with another wish is a rebalance") {
  GroupWorld world;
  ClassicConsumer one = stable(world, "i");
  one.member_id = "";
  one.protocols = {{"range", subscription({"a", "b"})}};
  const auto joined = one.join();
  REQUIRE(joined.there());
  CHECK(joined->generation_id == 2);
  CHECK(one.state() == "CompletingRebalance");
  // Before the assignment has come too: the leader may know the old id.
  const auto again = one.join();
  REQUIRE(again.there());
  CHECK(again->generation_id == 3);
}

TEST_CASE("group: a static member keeps its place until its session ends") {
  GroupWorld world;
  ClassicConsumer one = stable(world, "i"), two{world};
  one.rebalance_ms = 60'000;
  const auto joined = two.enter();
  CHECK(!joined.there());
  world.advance(9999);
  CHECK(!joined.there());
  world.advance(1);  // the session of the static one
  REQUIRE(joined.there());
  CHECK(joined->members.size() == 1);
}

TEST_CASE("group: nothing is lost when the log fails") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.take(one.enter());
  world.log.broken = true;
  const auto synced = one.sync();
  REQUIRE(synced.there());
  CHECK(synced->error == ErrorCode::kCoordinatorNotAvailable);
  world.log.broken = false;
  const auto joined = one.join();
  REQUIRE(joined.there());
  one.take(joined);
  CHECK(one.sync()->error == ErrorCode::kNone);
}

TEST_CASE("group: shares are told when they are safe") {
  GroupWorld world;
  world.log.hold = true;
  ClassicConsumer one{world};
  one.take(one.enter());
  const auto synced = one.sync({{one.member_id, {"all"}}});
  CHECK(!synced.there());
  CHECK(one.state() == "CompletingRebalance");
  SUBCASE("acknowledged") {
    world.log.release();
    REQUIRE(synced.there());
    CHECK(synced->assignment.data == "all");
    CHECK(one.state() == "Stable");
  }
  SUBCASE("lost") {
    world.log.release(false);
    REQUIRE(synced.there());
    CHECK(synced->error == ErrorCode::kCoordinatorNotAvailable);
    CHECK(one.state() == "PreparingRebalance");
  }
  SUBCASE("a rebalance in between") {
    ClassicConsumer two{world};
    const auto joined = two.enter();
    REQUIRE(synced.there());
    CHECK(synced->error == ErrorCode::kRebalanceInProgress);
    world.log.release();
    CHECK(one.state() == "PreparingRebalance");
    one.take(one.join());
    REQUIRE(joined.there());
    CHECK(one.state() == "CompletingRebalance");
  }
}
