#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <sstream>

#include "group_world.h"

using namespace cne::kafka;

// Many consumers that join, crash, pause, leave and come back at random times, over a log whose
// acknowledgements are late and a coordinator that restarts. What must hold: every request is
// answered in time, a generation has one leader and one list of members, and when the turmoil ends
// all who live share all partitions.

namespace {

constexpr int kPartitions = 12;

struct Actor {
  ClassicConsumer consumer;
  enum class Doing { kNothing, kJoining, kSyncing, kMember } doing = Doing::kNothing;
  bool alive = false;
  int64_t next_ms = 0;     // when it does something again
  int64_t asked_ms = 0;    // when it sent what it waits for
  int64_t deaf_until = 0;  // paused
  Answer<JoinGroupResponse> join{};
  Answer<SyncGroupResponse> sync{};
  std::string share{};
};

struct Turmoil {
  explicit Turmoil(unsigned seed) : random(seed), world(int64_t{below(2)} * 3000) {
    for (int i = 0; i < 8; ++i) {
      Actor& actor = actors.emplace_back(Actor{ClassicConsumer{world}});
      actor.consumer.group = i < 6 ? "g" : "h";
      actor.consumer.session_ms = 6000 + below(5) * 2000;
      actor.consumer.rebalance_ms = 10'000 + below(4) * 10'000;
      actor.consumer.client.version = below(4) == 0 ? int16_t{3} : int16_t{9};
      if (below(3) == 0) actor.consumer.instance = "i" + std::to_string(i);
    }
  }

  int below(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  int64_t now() { return world.steady.now_ms(); }

  void start_join(Actor& actor) {
    actor.doing = Actor::Doing::kJoining;
    actor.asked_ms = now();
    actor.share.clear();
    actor.join = actor.consumer.join();
  }

  void forget(Actor& actor) {
    actor.consumer.member_id.clear();
    actor.consumer.generation = -1;
  }

  void on_error(Actor& actor, ErrorCode error) {
    if (error == ErrorCode::kUnknownMemberId || error == ErrorCode::kFencedInstanceId)
      forget(actor);
    else
      REQUIRE_MESSAGE(
          (error == ErrorCode::kRebalanceInProgress || error == ErrorCode::kIllegalGeneration ||
           error == ErrorCode::kCoordinatorNotAvailable),
          static_cast<int>(error));
    start_join(actor);
  }

  void on_join(Actor& actor) {
    const JoinGroupResponse& response = *actor.join;
    if (response.error == ErrorCode::kMemberIdRequired) {
      actor.consumer.member_id = response.member_id;
      return start_join(actor);
    }
    if (response.error != ErrorCode::kNone) return on_error(actor, response.error);
    actor.consumer.take(actor.join);
    std::vector<SyncGroupRequest::Assignment> assignments;
    if (response.leader == response.member_id && !response.skip_assignment) {
      auto& leaders = leaders_of[{actor.consumer.group, response.generation_id}];
      leaders.insert(response.member_id);
      REQUIRE(leaders.size() == 1);
      REQUIRE(!response.members.empty());
      std::vector<std::string> shares(response.members.size());
      for (int p = 0; p < kPartitions; ++p)
        shares[static_cast<size_t>(p) % shares.size()] += std::to_string(p) + " ";
      for (size_t i = 0; i < shares.size(); ++i)
        assignments.push_back({response.members[i].member_id, {shares[i]}});
    } else if (!response.skip_assignment) {
      REQUIRE(response.members.empty());
    }
    if (!calm && below(20) == 0) return crash(actor);
    actor.doing = Actor::Doing::kSyncing;
    actor.asked_ms = now();
    actor.sync = actor.consumer.sync(std::move(assignments));
  }

  void on_sync(Actor& actor) {
    if (actor.sync->error != ErrorCode::kNone) return on_error(actor, actor.sync->error);
    actor.share = actor.sync->assignment.data;
    actor.doing = Actor::Doing::kMember;
    actor.next_ms = now() + actor.consumer.session_ms / 3;
  }

  void crash(Actor& actor) {
    actor.alive = false;
    actor.doing = Actor::Doing::kNothing;
    actor.next_ms = now() + below(60'000);
    if (below(4) != 0) forget(actor);
  }

  /// What waits longer than any timeout allows was lost.
  void check_waiting(const Actor& actor) {
    REQUIRE_MESSAGE(now() - actor.asked_ms <= 40'000 + 3000 + 2000, actor.consumer.member_id);
  }

  void step(Actor& actor) {
    if (actor.deaf_until > now()) return;
    if (actor.doing == Actor::Doing::kJoining) {
      if (actor.join.there()) return on_join(actor);
      check_waiting(actor);
    } else if (actor.doing == Actor::Doing::kSyncing) {
      if (actor.sync.there()) return on_sync(actor);
      check_waiting(actor);
    }
    if (actor.next_ms > now()) return;
    if (!actor.alive) {
      if (calm && actor.consumer.group == "h") return;  // a group that stays empty
      actor.alive = true;
      return start_join(actor);
    }
    if (!calm) {
      const int what = below(100);
      if (what < 4) return crash(actor);
      if (what < 8 && actor.doing == Actor::Doing::kMember) {
        actor.consumer.leave();
        forget(actor);
        return crash(actor);
      }
      if (what < 12) actor.deaf_until = now() + below(20'000);
      if (what == 12 && actor.doing == Actor::Doing::kMember) return start_join(actor);
    }
    actor.next_ms = now() + actor.consumer.session_ms / 3;
    if (actor.doing != Actor::Doing::kMember) return;
    const ErrorCode error = actor.consumer.heartbeat();
    if (error != ErrorCode::kNone) on_error(actor, error);
  }

  /// Connections break; what waited is asked again.
  void restart() {
    world.log.release();
    world.start();
    leaders_of.clear();  // numbers of generations that nobody had a share of yet are used again
    for (Actor& actor : actors)
      if (actor.doing == Actor::Doing::kJoining || actor.doing == Actor::Doing::kSyncing)
        start_join(actor);
  }

  void run(int64_t for_ms, bool in_calm) {
    calm = in_calm;
    for (int64_t past = 0; past < for_ms; past += 500) {
      world.log.hold = !calm && below(3) == 0;
      for (Actor& actor : actors) step(actor);
      if (below(2) == 0 || calm) world.log.release(calm || below(50) != 0);
      if (!calm && below(200) == 0) restart();
      world.advance(500);
    }
    world.log.release();
  }

  void check_shared() {
    std::map<std::string, std::multiset<int>> shared;
    std::map<std::string, std::set<int32_t>> generations;
    for (const Actor& actor : actors) {
      if (!actor.alive) continue;
      REQUIRE(actor.doing == Actor::Doing::kMember);
      generations[actor.consumer.group].insert(actor.consumer.generation);
      std::istringstream share(actor.share);
      for (int p; share >> p;) shared[actor.consumer.group].insert(p);
    }
    for (const auto& [group, partitions] : shared) {
      CHECK(generations[group].size() == 1);
      REQUIRE(partitions.size() == kPartitions);
      for (int p = 0; p < kPartitions; ++p) REQUIRE(partitions.count(p) == 1);
      CHECK(world.groups->describe_group(group, 6).state == "Stable");
    }
    CHECK(shared.contains("g"));
  }

  std::mt19937 random;
  bool calm = false;
  GroupWorld world;
  std::deque<Actor> actors;
  std::map<std::pair<std::string, int32_t>, std::set<std::string>> leaders_of;
};

}  // namespace

TEST_CASE("group: turmoil ends in a group that shares everything") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Turmoil turmoil(seed);
    turmoil.run(600'000, false);
    turmoil.run(200'000, true);
    turmoil.check_shared();
    // All of that is in the log.
    turmoil.restart();
    turmoil.run(20'000, true);
    turmoil.check_shared();
  }
}
