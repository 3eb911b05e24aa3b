#include <doctest/doctest.h>

#include "modern_consumer.h"

using namespace cne::kafka;
using Request = ConsumerGroupHeartbeatRequest;

namespace {

using Ints = std::set<int32_t>;

}  // namespace

TEST_CASE("consumer group: one member has everything, and is told once") {
  GroupWorld world;
  ModernConsumer one{world, "one", {"a", "b"}};
  const auto joined = one.send(one.request());
  REQUIRE(joined.there());
  CHECK(joined->error == ErrorCode::kNone);
  CHECK(joined->member_id == "one");
  CHECK(joined->member_epoch == 1);
  CHECK(joined->heartbeat_interval_ms == 5000);
  one.take(*joined);
  CHECK(one.of("a") == Ints{0, 1, 2, 3});
  CHECK(one.of("b") == Ints{0, 1});
  const auto again = one.send(one.request());
  CHECK(again->error == ErrorCode::kNone);
  CHECK(!again->assignment);
  CHECK(one.state() == "Stable");
  // A full request is answered in full.
  Request full = one.request();
  full.rebalance_timeout_ms = 1000;
  full.topic_names = one.topics;
  full.topics = to_list(one.owned);
  CHECK(to_assignment(one.send(full)->assignment->topics) == one.owned);
  CHECK(one.describe().group_epoch == 1);
}

TEST_CASE("consumer group: the broker makes the id in version 0") {
  GroupWorld world;
  ModernConsumer one{world, ""};
  one.version = 0;
  const auto joined = one.send(one.request());
  CHECK(joined->member_id == "1");
}

TEST_CASE("consumer group: nobody gets what another still has") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two"};
  one.beat();
  CHECK(two.beat() == ErrorCode::kNone);
  CHECK(two.epoch == 2);
  CHECK(two.of("a").empty());
  CHECK(one.state() == "Reconciling");
  // One is told to give up two, keeps its epoch until it has, and then moves on.
  CHECK(one.beat() == ErrorCode::kNone);
  CHECK(one.epoch == 1);
  CHECK(one.of("a").size() == 2);
  CHECK(two.beat() == ErrorCode::kNone);
  CHECK(two.of("a").empty());
  one.beat();
  CHECK(one.epoch == 2);
  two.beat();
  CHECK(two.of("a").size() == 2);
  Ints all = one.of("a");
  all.merge(two.of("a"));
  CHECK(all == Ints{0, 1, 2, 3});
  CHECK(one.state() == "Stable");
}

TEST_CASE("consumer group: requests that cannot be") {
  GroupWorld world;
  ModernConsumer one{world, "one"};
  struct Row {
    const char* why;
    std::function<void(Request&)> change;
    ErrorCode error = ErrorCode::kInvalidRequest;
    int16_t version = 1;
  };
  const Row rows[] = {
      {"no group", [](Request& r) { r.group_id = ""; }},
      {"no member", [](Request& r) { r.member_id = ""; }},
      {"no member, later", [](Request& r) { r.member_id = "", r.member_epoch = 1; },
       ErrorCode::kInvalidRequest, 0},
      {"empty instance", [](Request& r) { r.instance_id = ""; }},
      {"empty rack", [](Request& r) { r.rack_id = ""; }},
      {"epoch", [](Request& r) { r.member_epoch = -3; }},
      {"static leave without an instance", [](Request& r) { r.member_epoch = -2; }},
      {"no timeout", [](Request& r) { r.rebalance_timeout_ms = -1; }},
      {"no partitions", [](Request& r) { r.topics.reset(); }},
      {"some partitions", [](Request& r) { r.topics = {{Uuid(), {1}}}; }},
      {"no topics", [](Request& r) { r.topic_names.reset(); }},
      {"empty topics", [](Request& r) { r.topic_names.emplace().clear(); }},
      {"assignor", [](Request& r) { r.server_assignor = "sticky"; },
       ErrorCode::kUnsupportedAssignor},
      {"regex", [](Request& r) { r.topic_regex = "(a"; }, ErrorCode::kInvalidRegularExpression},
      {"no such group", [](Request& r) { r.member_epoch = 1; }, ErrorCode::kGroupIdNotFound},
      {"leaving no such group", [](Request& r) { r.member_epoch = -1; },
       ErrorCode::kGroupIdNotFound},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.why));
    Request request = one.request();
    row.change(request);
    one.version = row.version;
    const auto answer = one.send(request);
    CHECK(answer->error == row.error);
    CHECK(answer->error_message.value_or("") != "");
    CHECK(world.groups->list_groups({}).groups.empty());
  }
  one.version = 1;
  one.beat();
  ModernConsumer two{world, "two"};
  two.epoch = 1;
  CHECK(two.beat() == ErrorCode::kUnknownMemberId);
  CHECK(two.leave() == ErrorCode::kUnknownMemberId);
}

TEST_CASE("consumer group: epochs fence") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two"};
  one.beat();
  two.beat();
  settle({&one, &two});
  REQUIRE(one.epoch == 2);
  ModernConsumer ahead = one;
  ahead.epoch = 3;
  CHECK(ahead.beat() == ErrorCode::kFencedMemberEpoch);
  // Who did not get the last answer asks again with what it has.
  ModernConsumer behind = one;
  behind.epoch = 1;
  CHECK(behind.beat() == ErrorCode::kFencedMemberEpoch);  // does not tell
  behind.tells_owned = true;
  CHECK(behind.beat() == ErrorCode::kNone);
  CHECK(behind.epoch == 2);
  behind.epoch = 1;
  behind.owned = two.owned;
  behind.tells_owned = true;
  CHECK(behind.beat() == ErrorCode::kFencedMemberEpoch);
  // Who was fenced joins again under its id, and has let go of everything.
  CHECK(behind.join() == ErrorCode::kNone);
  settle({&behind, &two});
  CHECK(behind.of("a").size() == 2);
  CHECK(behind.describe().members.size() == 2);
}

TEST_CASE("consumer group: commits and fetches have to be of the member's epoch") {
  GroupWorld world;
  ModernConsumer one{world, "one"};
  one.beat();
  CHECK(one.commit("a", 0, 5) == ErrorCode::kNone);
  CHECK(one.fetch_error() == ErrorCode::kNone);
  ModernConsumer other = one;
  other.epoch = 2;
  CHECK(other.commit("a", 0, 6) == ErrorCode::kStaleMemberEpoch);
  CHECK(other.fetch_error() == ErrorCode::kStaleMemberEpoch);
  other.epoch = 0;
  CHECK(other.commit("a", 0, 6) == ErrorCode::kStaleMemberEpoch);
  other.member_id = "nobody";
  CHECK(other.commit("a", 0, 6) == ErrorCode::kUnknownMemberId);
  CHECK(other.fetch_error() == ErrorCode::kUnknownMemberId);
  ModernConsumer old = one;
  old.version = 0;  // with OffsetCommit 8
  CHECK(old.commit("a", 0, 6) == ErrorCode::kUnsupportedVersion);
  ClassicConsumer tool{world};
  CHECK(tool.commit_error("a", 0, 7) == ErrorCode::kUnknownMemberId);
  CHECK(tool.committed("a", 0) == 5);
  one.leave();
  CHECK(tool.commit_error("a", 0, 7) == ErrorCode::kNone);
  CHECK(tool.committed("a", 0) == 7);
}

TEST_CASE("consumer group: members go by leaving, and when nothing is heard of them") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two"}, three{world, "three"};
  one.beat();
  two.beat();
  three.beat();
  settle({&one, &two, &three});
  CHECK(two.leave() == ErrorCode::kNone);
  CHECK(two.beat() == ErrorCode::kUnknownMemberId);
  settle({&one, &three});
  CHECK(one.of("a").size() == 2);
  CHECK(three.of("a").size() == 2);
  world.advance(44'999);
  one.beat();
  CHECK(one.describe().members.size() == 2);
  world.advance(1);
  CHECK(one.describe().members.size() == 1);
  CHECK(three.beat() == ErrorCode::kUnknownMemberId);
  one.beat();
  CHECK(one.of("a").size() == 4);
  one.leave();
  CHECK(one.state() == "Empty");
}

TEST_CASE("consumer group: who does not give up in time is out") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two"};
  one.rebalance_ms = 20'000;
  one.beat();
  two.beat();
  one.beat();  // is told to give up two
  for (int i = 0; i < 3; ++i) {
    world.advance(5000);
    Request stubborn = one.request();
    stubborn.topics.reset();
    CHECK(one.send(stubborn)->error == ErrorCode::kNone);
    two.beat();
    CHECK(two.of("a").empty());
  }
  world.advance(5000);
  CHECK(one.beat() == ErrorCode::kUnknownMemberId);
  two.beat();
  CHECK(two.of("a").size() == 4);
}

TEST_CASE("consumer group: static members") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two"};
  one.instance = "i1";
  two.instance = "i2";
  one.beat();
  two.beat();
  settle({&one, &two});
  const int32_t epoch = one.describe().group_epoch;
  const Ints kept = two.of("a");
  ModernConsumer back{world, "back"};
  back.instance = "i2";
  CHECK(back.beat() == ErrorCode::kUnreleasedInstanceId);
  CHECK(two.leave(Request::kLeaveStatic) == ErrorCode::kNone);
  CHECK(two.beat() == ErrorCode::kFencedMemberEpoch);
  one.beat();
  CHECK(one.of("a").size() == 2);
  CHECK(back.beat() == ErrorCode::kNone);
  CHECK(back.of("a") == kept);
  CHECK(back.describe().group_epoch == epoch);
  CHECK(two.beat() == ErrorCode::kFencedInstanceId);
  CHECK(two.leave() == ErrorCode::kFencedInstanceId);
  ModernConsumer unknown{world, "x"};
  unknown.instance = "i3";
  unknown.epoch = 1;
  CHECK(unknown.beat() == ErrorCode::kUnknownMemberId);
  // One that does not come back is out when its session ends.
  CHECK(back.leave(Request::kLeaveStatic) == ErrorCode::kNone);
  for (int i = 0; i < 9; ++i) {
    CHECK(one.of("a").size() == 2);
    world.advance(5000);
    one.beat();
  }
  one.beat();
  CHECK(one.of("a").size() == 4);
  CHECK(one.describe().members.size() == 1);
}

TEST_CASE("consumer group: topics that come, grow and go") {
  GroupWorld world;
  ModernConsumer one{world, "one", {"a", "new"}};
  one.beat();
  const int32_t epoch = one.epoch;
  world.topics.set("other", 3);
  one.beat();
  CHECK(one.epoch == epoch);  // nobody wants it
  world.topics.set("new", 2);
  one.beat();
  CHECK(one.of("new") == Ints{0, 1});
  world.topics.set("a", 6);
  one.beat();
  CHECK(one.of("a").size() == 6);
  const auto gone = world.topics.id("new");
  world.topics.remove("new");
  one.beat();
  CHECK(!one.owned.contains(gone));
  one.beat();  // it has let go
  CHECK(one.epoch == epoch + 3);
}

TEST_CASE("consumer group: a change of the subscription") {
  GroupWorld world;
  ModernConsumer one{world, "one"};
  one.beat();
  Request request = one.request();
  request.topic_names = {{"b"}};
  one.take(*one.send(request));
  CHECK(one.owned.empty());
  one.beat();  // has let go
  CHECK(one.of("b") == Ints{0, 1});
  CHECK(one.describe().members.at(0).topic_names == std::vector<std::string>{"b"});
}

TEST_CASE("consumer group: regular expressions") {
  GroupWorld world;
  world.topics.set("orders-eu", 1);
  world.topics.set("orders-us", 2);
  ModernConsumer one{world, "one", {}};
  one.regex = "orders-.*";
  CHECK(one.beat() == ErrorCode::kNone);
  CHECK(count_partitions(one.owned) == 3);
  world.topics.set("orders-jp", 4);
  one.beat();
  CHECK(count_partitions(one.owned) == 7);
  CHECK(one.describe().members.at(0).topic_regex == "orders-.*");
  // Another one, beside a name; and none.
  Request request = one.request();
  request.topic_regex = "orders-e.";
  request.topic_names = {{"b"}};
  one.take(*one.send(request));
  settle({&one});
  CHECK(count_partitions(one.owned) == 3);
  request = one.request();
  request.topic_regex = "";
  one.take(*one.send(request));
  settle({&one});
  CHECK(count_partitions(one.owned) == 2);
  CHECK(!one.describe().members.at(0).topic_regex);
}

TEST_CASE("consumer group: assignors by vote") {
  GroupWorld world;
  ModernConsumer one{world, "one", {"a", "b"}}, two{world, "two", {"a", "b"}};
  one.assignor = "range";
  one.beat();
  CHECK(one.describe().assignor == "range");
  two.assignor = "range";
  two.beat();
  settle({&one, &two});
  CHECK(one.of("a") == Ints{0, 1});
  CHECK(one.of("b") == Ints{0});
  CHECK(two.of("a") == Ints{2, 3});
  ModernConsumer three{world, "three", {"a", "b"}}, four{world, "four", {"a", "b"}};
  three.assignor = "uniform";
  four.assignor = "uniform";
  three.beat();
  CHECK(one.describe().assignor == "range");
  four.beat();
  CHECK(one.describe().assignor == "uniform");
}

TEST_CASE("consumer group: no more members than the limit") {
  GroupWorld world;
  world.config.consumer_max_size = 1;
  world.start();
  ModernConsumer one{world, "one"}, two{world, "two"};
  one.beat();
  CHECK(two.beat() == ErrorCode::kGroupMaxSizeReached);
  CHECK(one.beat() == ErrorCode::kNone);
}

TEST_CASE("consumer group: a restart keeps members, epochs and assignments") {
  GroupWorld world;
  ModernConsumer one{world, "one"}, two{world, "two", {"a", "b"}};
  one.instance = "i";
  one.beat();
  two.beat();
  settle({&one, &two});
  const auto before = one.describe();
  const Assignment kept = one.owned;
  world.start();
  const auto after = one.describe();
  CHECK(after.state == "Stable");
  CHECK(after.group_epoch == before.group_epoch);
  CHECK(after.assignment_epoch == before.assignment_epoch);
  REQUIRE(after.members.size() == 2);
  CHECK(after.members[0].instance_id == "i");
  CHECK(after.members[1].topic_names == std::vector<std::string>{"a", "b"});
  CHECK(one.beat() == ErrorCode::kNone);
  CHECK(two.beat() == ErrorCode::kNone);
  CHECK(one.owned == kept);
  CHECK(one.describe().group_epoch == before.group_epoch);
  // In the middle of a rebalance.
  ModernConsumer three{world, "three"};
  three.beat();
  one.beat();
  world.start();
  settle({&one, &two, &three});
  CHECK(one.of("a").size() + two.of("a").size() + three.of("a").size() == 4);
  CHECK(one.state() == "Stable");
  // Topics that changed while it was down.
  world.topics.set("b", 5);
  world.start();
  settle({&one, &two, &three});
  CHECK(two.of("b").size() == 5);
  world.advance(45'000);
  CHECK(one.state() == "Empty");
  world.start();
  CHECK(one.state() == "Empty");
}

TEST_CASE("consumer group: answers when it is safe") {
  GroupWorld world;
  world.log.hold = true;
  ModernConsumer one{world, "one"};
  const auto joined = one.send(one.request());
  CHECK(!joined.there());
  SUBCASE("safe") {
    world.log.release();
    CHECK(joined->error == ErrorCode::kNone);
  }
  SUBCASE("lost") {
    world.log.release(false);
    CHECK(joined->error == ErrorCode::kCoordinatorNotAvailable);
    CHECK(!joined->assignment);
  }
}

TEST_CASE("consumer group: listing, describing, deleting, offsets") {
  GroupWorld world;
  ModernConsumer one{world, "one"};
  one.beat();
  one.commit("a", 0, 1);
  one.commit("b", 0, 2);
  const auto listed = world.groups->list_groups({{}, {"CONSUMER"}}).groups;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].protocol_type == "consumer");
  CHECK(listed[0].state == "Stable");
  CHECK(listed[0].type == "consumer");
  const auto group = one.describe();
  CHECK(group.members.at(0).client_id == "client");
  CHECK(group.members.at(0).type == 1);
  CHECK(group.members.at(0).assignment.topics.at(0).name == "a");
  CHECK(group.members.at(0).target.topics.at(0).partitions.size() == 4);
  CHECK(world.groups->describe_group("g", 6).error == ErrorCode::kGroupIdNotFound);
  CHECK(world.groups->describe_group("g", 5).state == "Dead");
  CHECK(world.groups->describe_consumer_group("none").error == ErrorCode::kGroupIdNotFound);
  CHECK(world.groups->describe_consumer_group("").error == ErrorCode::kInvalidGroupId);

  OffsetDeleteRequest offsets;
  offsets.group_id = "g";
  offsets.topics = {{"a", {0}}, {"b", {0}}};
  Answer<OffsetDeleteResponse> deleted;
  world.groups->offset_delete(offsets, deleted.reply());
  CHECK(deleted->topics[0].partitions[0].error == ErrorCode::kGroupSubscribedToTopic);
  CHECK(deleted->topics[1].partitions[0].error == ErrorCode::kNone);

  const auto remove = [&] {
    Answer<DeleteGroupsResponse> answer;
    world.groups->delete_groups({{"g"}}, answer.reply());
    return answer->results.at(0).error;
  };
  CHECK(remove() == ErrorCode::kNonEmptyGroup);
  one.leave();
  CHECK(remove() == ErrorCode::kNone);
  for (int i = 0; i < 2; ++i) {
    CHECK(world.groups->list_groups({}).groups.empty());
    CHECK(ClassicConsumer{world}.committed("a", 0) == -1);
    world.start();
  }
}

TEST_CASE("consumer group: an empty group changes its protocol and keeps its offsets") {
  GroupWorld world;
  ClassicConsumer old{world};
  old.take(old.enter());
  old.sync();
  old.commit("a", 0, 5);
  ModernConsumer one{world, "one"};
  CHECK(one.describe().error == ErrorCode::kGroupIdNotFound);
  old.leave();
  CHECK(one.beat() == ErrorCode::kNone);
  world.start();
  CHECK(one.beat() == ErrorCode::kNone);
  CHECK(one.state() == "Stable");
  CHECK(old.committed("a", 0) == 5);
  CHECK(world.groups->list_groups({}).groups.at(0).type == "consumer");
  one.leave();
  ClassicConsumer young{world};
  young.take(young.enter());
  CHECK(young.sync()->error == ErrorCode::kNone);
  world.start();
  CHECK(young.state() == "Stable");
  CHECK(young.heartbeat() == ErrorCode::kNone);
  CHECK(young.committed("a", 0) == 5);
}
