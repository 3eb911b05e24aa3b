#include <doctest/doctest.h>

#include "group_world.h"

using namespace cne::kafka;

namespace {

/// Two members; the first one leads.
struct Pair {
  GroupWorld& world;
  ClassicConsumer one{world}, two{world};

  /// Brings the group to a state, by its name.
  explicit Pair(GroupWorld& around, const std::string& state) : world(around) {
    if (state == "Empty") {
      one.take(one.enter());
      one.sync();
      one.leave();
      return;
    }
    one.take(one.enter());
    auto joined = two.enter();
    one.take(one.join());
    two.take(joined);
    if (state == "CompletingRebalance") return;
    one.sync({{one.member_id, {"1"}}, {two.member_id, {"2"}}});
    two.sync();
    if (state == "Stable") return;
    one.join();
  }
};

}  // namespace

TEST_CASE("group: what each state answers to a member") {
  struct Row {
    const char* state;
    ErrorCode heartbeat;
    ErrorCode sync;
    ErrorCode commit;
  };
  const Row rows[] = {
      {"Empty", ErrorCode::kUnknownMemberId, ErrorCode::kUnknownMemberId,
       ErrorCode::kUnknownMemberId},
      {"PreparingRebalance", ErrorCode::kRebalanceInProgress, ErrorCode::kRebalanceInProgress,
       ErrorCode::kNone},
      {"CompletingRebalance", ErrorCode::kNone, ErrorCode::kNone, ErrorCode::kRebalanceInProgress},
      {"Stable", ErrorCode::kNone, ErrorCode::kNone, ErrorCode::kNone},
  };
  for (const Row& row : rows) {
    CAPTURE(row.state);
    GroupWorld world;
    Pair pair(world, row.state);
    REQUIRE(pair.one.state() == row.state);
    ClassicConsumer& member = std::string(row.state) == "Empty" ? pair.one : pair.two;
    CHECK(member.heartbeat() == row.heartbeat);
    CHECK(member.commit_error("a", 0, 5) == row.commit);
    const auto synced = member.sync();
    if (synced.there())
      CHECK(synced->error == row.sync);
    else
      CHECK(std::string(row.state) == "CompletingRebalance");
    CHECK(pair.one.state() == row.state);
  }
}

TEST_CASE("group: what each state answers to another generation") {
  for (const char* state : {"PreparingRebalance", "CompletingRebalance", "Stable"}) {
    CAPTURE(state);
    GroupWorld world;
    Pair pair(world, state);
    for (const int by : {-1, 1}) {
      ClassicConsumer other = pair.two;
      other.generation += by;
      CHECK(other.heartbeat() == ErrorCode::kIllegalGeneration);
      CHECK(other.sync()->error == ErrorCode::kIllegalGeneration);
      CHECK(other.commit_error("a", 0, 5) == ErrorCode::kIllegalGeneration);
    }
    ClassicConsumer nobody = pair.two;
    nobody.member_id = "nobody";
    CHECK(nobody.heartbeat() == ErrorCode::kUnknownMemberId);
    CHECK(nobody.sync()->error == ErrorCode::kUnknownMemberId);
    CHECK(nobody.commit_error("a", 0, 5) == ErrorCode::kUnknownMemberId);
    nobody.instance = "i";
    CHECK(nobody.heartbeat() == ErrorCode::kUnknownMemberId);
    ClassicConsumer simple{world};
    CHECK(simple.commit_error("a", 0, 5) == ErrorCode::kUnknownMemberId);
  }
}

TEST_CASE("group: another protocol than the group's in a sync") {
  GroupWorld world;
  Pair pair(world, "CompletingRebalance");
  SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = pair.two.member_id;
  request.generation_id = pair.two.generation;
  request.protocol_type = "connect";
  Answer<SyncGroupResponse> type, name;
  world.groups->sync_group(request, type.reply());
  CHECK(type->error == ErrorCode::kInconsistentGroupProtocol);
  request.protocol_type = "consumer";
  request.protocol_name = "sticky";
  world.groups->sync_group(request, name.reply());
  CHECK(name->error == ErrorCode::kInconsistentGroupProtocol);
}

TEST_CASE("group: a member without signs of life goes when its session ends") {
  GroupWorld world;
  Pair pair(world, "Stable");
  for (int i = 0; i < 3; ++i) {
    world.advance(9999);
    CHECK(pair.one.heartbeat() == (i == 0 ? ErrorCode::kNone : ErrorCode::kRebalanceInProgress));
  }
  CHECK(pair.two.heartbeat() == ErrorCode::kUnknownMemberId);
  const auto joined = pair.one.join();
  REQUIRE(joined.there());
  CHECK(joined->members.size() == 1);
  // A commit is a sign of life.
  pair.one.take(joined);
  pair.one.sync();
  for (int i = 0; i < 3; ++i) {
    world.advance(9999);
    CHECK(pair.one.commit_error("a", 0, i) == ErrorCode::kNone);
  }
  CHECK(pair.one.state() == "Stable");
  world.advance(10'000);
  CHECK(pair.one.state() == "Empty");
}

TEST_CASE("group: who joins but does not sync is out after the rebalance timeout") {
  GroupWorld world;
  Pair pair(world, "CompletingRebalance");
  pair.one.sync();
  CHECK(pair.one.state() == "Stable");
  for (int i = 0; i < 12; ++i) {
    world.advance(5000);
    pair.one.heartbeat();
    pair.two.heartbeat();
  }
  CHECK(pair.two.heartbeat() == ErrorCode::kUnknownMemberId);
  CHECK(pair.one.heartbeat() == ErrorCode::kRebalanceInProgress);
}

TEST_CASE("group: a new member that waits too long has to ask again") {
  GroupWorld world;
  world.config.new_member_timeout_ms = 20'000;
  world.start();
  Pair pair(world, "Stable");
  ClassicConsumer late{world};
  const auto joined = late.enter();
  for (int i = 0; i < 4; ++i) {
    CHECK(!joined.there());
    world.advance(5000);
    pair.one.heartbeat();
    pair.two.heartbeat();
  }
  REQUIRE(joined.there());
  CHECK(joined->error == ErrorCode::kUnknownMemberId);
  CHECK(joined->member_id == "");
}

TEST_CASE("group: leaving") {
  GroupWorld world;
  Pair pair(world, "Stable");
  SUBCASE("one of two") {
    const auto left = pair.two.leave();
    CHECK(left->error == ErrorCode::kNone);
    CHECK(left->members.at(0).error == ErrorCode::kNone);
    CHECK(left->members.at(0).member_id == pair.two.member_id);
    CHECK(pair.one.state() == "PreparingRebalance");
    CHECK(pair.two.leave()->members.at(0).error == ErrorCode::kUnknownMemberId);
    CHECK(pair.one.join().there());
  }
  SUBCASE("the leader") {
    pair.one.leave();
    const auto joined = pair.two.join();
    REQUIRE(joined.there());
    CHECK(joined->leader == pair.two.member_id);
  }
  SUBCASE("several at once, by instance too") {
    ClassicConsumer fixed{world};
    fixed.instance = "i";
    const auto joined = fixed.join();
    pair.one.join();
    pair.two.join();
    REQUIRE(joined.there());
    LeaveGroupRequest request;
    request.group_id = "g";
    request.members = {
        {"", "i", {}}, {pair.two.member_id, {}, {}}, {"nobody", {}, {}}, {"", "j", {}}};
    Answer<LeaveGroupResponse> answer;
    world.groups->leave_group(request, answer.reply());
    REQUIRE(answer->members.size() == 4);
    CHECK(answer->members[0].error == ErrorCode::kNone);
    CHECK(answer->members[1].error == ErrorCode::kNone);
    CHECK(answer->members[2].error == ErrorCode::kUnknownMemberId);
    CHECK(answer->members[3].error == ErrorCode::kUnknownMemberId);
    CHECK(pair.one.join()->members.size() == 1);
  }
  SUBCASE("an id that was only given out") {
    ClassicConsumer pending{world};
    pending.take(pending.join());
    CHECK(pair.one.state() == "Stable");
    CHECK(pending.leave()->members.at(0).error == ErrorCode::kNone);
    CHECK(pair.one.state() == "PreparingRebalance");
    CHECK(pending.join()->error == ErrorCode::kUnknownMemberId);
  }
  SUBCASE("all of them") {
    pair.one.leave();
    pair.two.leave();
    CHECK(pair.one.state() == "Empty");
    const auto group = world.groups->describe_group("g", 6);
    CHECK(group.protocol_type == "consumer");
    CHECK(group.members.empty());
  }
}

TEST_CASE("group: a pending id holds the rebalance up until it comes or its session ends") {
  GroupWorld world;
  Pair pair(world, "Stable");
  ClassicConsumer pending{world};
  pending.take(pending.join());
  const auto first = pair.one.join();
  const auto second = pair.two.join();
  CHECK(!first.there());
  world.advance(10'000);
  CHECK(first.there());
  CHECK(second.there());
}

TEST_CASE("group: whoever waits in a group that dies is told") {
  GroupConfig config;
  config.make_uuid = [number = 0]() mutable {
    return "of more than a few letters " + std::to_string(++number);
  };
  const auto group = std::make_shared<Group>("g", config);
  GroupTurn turn(1000, 1000);
  std::vector<Answer<JoinGroupResponse>> answers(3);
  JoinGroupRequest request;
  request.protocol_type = "consumer";
  request.protocols = {{"range", subscription({"a"})}};
  request.session_timeout_ms = request.rebalance_timeout_ms = 10'000;
  for (auto& answer : answers)
    group->join(turn, {"client", "/127.0.0.1", 0}, request, answer.reply());
  REQUIRE(group->members().size() == 3);
  group->die(turn);
  CHECK(group->state() == Group::State::kDead);
  CHECK(group->members().empty());
  CHECK(group->leader().empty());
  REQUIRE(turn.replies.size() == 3);
  for (const auto& reply : turn.replies) reply();
  for (const auto& answer : answers) CHECK(answer->error == ErrorCode::kUnknownMemberId);
}

TEST_CASE("group: describing and listing") {
  GroupWorld world;
  Pair pair(world, "Stable");
  const auto group = world.groups->describe_group("g", 5);
  CHECK(group.error == ErrorCode::kNone);
  CHECK(group.state == "Stable");
  CHECK(group.protocol_type == "consumer");
  CHECK(group.protocol_data == "range");
  REQUIRE(group.members.size() == 2);
  CHECK(group.members[0].client_id == "client");
  CHECK(group.members[0].client_host == "/127.0.0.1");
  CHECK(group.members[0].metadata == subscription({"a"}));
  CHECK(group.members[0].assignment.data == "1");

  CHECK(world.groups->describe_group("none", 5).state == "Dead");
  CHECK(world.groups->describe_group("none", 5).error == ErrorCode::kNone);
  CHECK(world.groups->describe_group("none", 6).error == ErrorCode::kGroupIdNotFound);

  const auto listed = world.groups->list_groups({{"stable"}, {"Classic"}}).groups;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].group_id == "g");
  CHECK(listed[0].state == "Stable");
  CHECK(listed[0].type == "classic");
  CHECK(world.groups->list_groups({{"Empty"}, {}}).groups.empty());
  CHECK(world.groups->list_groups({{}, {"consumer"}}).groups.empty());
}

TEST_CASE("group: a restart keeps generation, members and shares") {
  GroupWorld world;
  Pair pair(world, "Stable");
  world.start();
  CHECK(pair.one.state() == "Stable");
  CHECK(pair.two.heartbeat() == ErrorCode::kNone);
  CHECK(pair.two.sync()->assignment.data == "2");
  CHECK(pair.one.commit_error("a", 0, 7) == ErrorCode::kNone);
  CHECK(world.groups->describe_group("g", 5).members.size() == 2);
  // A member that did not survive goes as ever.
  world.advance(9000);
  pair.one.heartbeat();
  world.advance(1000);
  CHECK(pair.one.heartbeat() == ErrorCode::kRebalanceInProgress);
  CHECK(pair.one.join()->generation_id == pair.one.generation + 1);
}
