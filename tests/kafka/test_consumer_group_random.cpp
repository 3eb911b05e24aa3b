#include <doctest/doctest.h>

#include <deque>
#include <random>

#include "modern_consumer.h"

using namespace cne::kafka;
using Request = ConsumerGroupHeartbeatRequest;

// Consumers of the protocol of KIP-848 that come, go, crash, fall silent and lose answers, while
// topics grow and the coordinator restarts. At no moment two of them may have one partition, and
// when the turmoil ends they have all between them.

namespace {

struct Actor {
  ModernConsumer consumer;
  bool alive = false;
  int64_t next_ms = 0;
  int64_t deaf_until = 0;
  std::optional<Answer<ConsumerGroupHeartbeatResponse>> waits{};
};

struct Turmoil {
  explicit Turmoil(unsigned seed) : random(seed) {
    world.topics.set("c", 5);
    for (int i = 0; i < 7; ++i) {
      Actor& actor = actors.emplace_back(Actor{ModernConsumer{world, name()}});
      actor.consumer.rebalance_ms = 10'000 + below(3) * 10'000;
      if (below(3) == 0) actor.consumer.instance = "i" + std::to_string(i);
      if (below(3) == 0) actor.consumer.topics = {"a", "b"};
      if (below(4) == 0) actor.consumer.regex = "[ac]";
      if (below(2) == 0) actor.consumer.assignor = below(2) == 0 ? "range" : "uniform";
    }
  }

  int below(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  int64_t now() { return world.steady.now_ms(); }
  std::string name() { return "m" + std::to_string(++names); }

  void begin_anew(Actor& actor) {
    actor.consumer.epoch = 0;
    actor.consumer.owned.clear();
    actor.consumer.tells_owned = false;
  }

  void beat(Actor& actor) {
    actor.waits = actor.consumer.send(actor.consumer.request());
    actor.next_ms = now() + 3000;
    listen(actor);
  }

  void listen(Actor& actor) {
    if (!actor.waits || !actor.waits->there()) return;
    const auto answer = std::exchange(actor.waits, std::nullopt);
    if (below(30) == 0 && !calm) {  // lost on the way
      actor.consumer.full = true;
      return;
    }
    const ErrorCode error = (*answer)->error;
    if (error == ErrorCode::kNone) return actor.consumer.take(**answer);
    if (error == ErrorCode::kCoordinatorNotAvailable || error == ErrorCode::kUnreleasedInstanceId)
      return;  // it will ask again
    REQUIRE_MESSAGE(
        (error == ErrorCode::kFencedMemberEpoch || error == ErrorCode::kUnknownMemberId ||
         error == ErrorCode::kFencedInstanceId || error == ErrorCode::kGroupIdNotFound),
        static_cast<int>(error));
    begin_anew(actor);
    if (error == ErrorCode::kFencedInstanceId) actor.consumer.member_id = name();
  }

  void die(Actor& actor) {
    actor.alive = false;
    actor.waits.reset();
    actor.next_ms = now() + below(80'000);
    begin_anew(actor);
    if (below(3) != 0) actor.consumer.member_id = name();
  }

  void step(Actor& actor) {
    if (actor.deaf_until > now()) return;
    listen(actor);
    if (actor.next_ms > now()) return;
    actor.alive = true;
    if (!calm) {
      const int what = below(100);
      if (what < 3) return die(actor);
      if (what < 6 && actor.consumer.epoch > 0) {
        Request last = actor.consumer.request();
        const bool stays = actor.consumer.instance && below(2) == 0;
        last.member_epoch = stays ? Request::kLeaveStatic : Request::kLeave;
        actor.consumer.send(last);
        return die(actor);
      }
      if (what < 9) {
        actor.deaf_until = now() + below(60'000);
        return;
      }
      if (what == 9 && actor.waits) {  // it does not wait any longer
        actor.waits.reset();
        actor.consumer.full = true;
      }
    }
    if (actor.waits) return;  // one heartbeat at a time
    beat(actor);
  }

  void restart() {
    world.log.release();
    world.start();
    for (Actor& actor : actors) {
      actor.waits.reset();
      actor.consumer.full = true;
    }
  }

  /// No two that count as members have the same partition.
  void check_owners() {
    const auto group = world.groups->describe_consumer_group("g");
    if (group.error != ErrorCode::kNone) return;
    Assignment taken, held;
    for (const auto& member : group.members)
      for (const auto& topic : member.assignment.topics)
        for (const int32_t partition : topic.partitions) {
          REQUIRE(!has_partition(held, topic.topic_id, partition));
          add_partition(held, topic.topic_id, partition);
        }
    for (const Actor& actor : actors) {
      const bool is_member = std::any_of(
          group.members.begin(), group.members.end(),
          [&](const auto& member) { return member.member_id == actor.consumer.member_id; });
      if (!actor.alive || !is_member || actor.consumer.epoch <= 0) continue;
      for_each_partition(actor.consumer.owned, [&](const Uuid& topic, int32_t partition) {
        REQUIRE(!has_partition(taken, topic, partition));
        add_partition(taken, topic, partition);
      });
    }
  }

  void run(int64_t for_ms, bool in_calm) {
    calm = in_calm;
    for (int64_t past = 0; past < for_ms; past += 500) {
      world.log.hold = !calm && below(3) == 0;
      world.log.broken = !calm && below(20) == 0;
      for (Actor& actor : actors) {
        step(actor);
        check_owners();
      }
      if (below(2) == 0 || calm) world.log.release();
      if (!calm && below(150) == 0) restart();
      if (!calm && below(300) == 0) world.topics.set("c", ++size);
      world.advance(500);
      check_owners();
    }
    world.log.release();
  }

  void check_shared() {
    const auto group = world.groups->describe_consumer_group("g");
    CHECK(group.state == "Stable");
    Assignment all;
    std::set<std::string> wanted;
    for (const Actor& actor : actors) {
      REQUIRE(actor.alive);
      CHECK(actor.consumer.epoch == group.group_epoch);
      wanted.insert(actor.consumer.topics.begin(), actor.consumer.topics.end());
      if (actor.consumer.regex) wanted.insert({"a", "c"});
      for_each_partition(actor.consumer.owned, [&](const Uuid& topic, int32_t partition) {
        REQUIRE(!has_partition(all, topic, partition));
        add_partition(all, topic, partition);
      });
    }
    for (const std::string& topic : wanted)
      CHECK(all[world.topics.id(topic)].size() ==
            static_cast<size_t>(world.topics.find(topic)->partitions));
    CHECK(all.size() == wanted.size());
    CHECK(group.members.size() == actors.size());
  }

  std::mt19937 random;
  GroupWorld world;
  std::deque<Actor> actors;
  bool calm = false;
  int names = 0;
  int32_t size = 5;
};

}  // namespace

TEST_CASE("consumer group: in any turmoil a partition has one owner, and in calm all have one") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Turmoil turmoil(seed);
    turmoil.run(400'000, false);
    turmoil.run(200'000, true);
    turmoil.check_shared();
    turmoil.restart();
    turmoil.run(20'000, true);
    turmoil.check_shared();
  }
}
