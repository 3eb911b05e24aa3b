#include <doctest/doctest.h>

#include "modern_consumer.h"

using namespace cne::kafka;

TEST_CASE("consumer group: an expression matches what its member may know of") {
  GroupWorld world;
  std::set<std::string> hidden{"b", "c"};
  ModernConsumer one{world, "1"};
  one.topics.clear();
  one.regex = ".*";
  one.may_describe = [&](const std::string& topic) { return !hidden.contains(topic); };
  CHECK(one.join() == ErrorCode::kNone);
  CHECK(one.of("a").size() == 4);
  CHECK(one.of("b").empty());

  SUBCASE("topics that come later") {
    world.topics.set("c", 1);
    world.topics.set("d", 1);
    one.beat();
    CHECK(one.of("c").empty());
    CHECK(one.of("d").size() == 1);
  }
  SUBCASE("after the session of another member has ended") {
    ModernConsumer two{world, "2"};
    two.topics.clear();
    two.regex = "other";
    two.join();
    world.topics.set("c", 1);
    world.advance(30'000);
    one.beat();
    world.advance(30'000);
    CHECK(one.describe().members.size() == 1);
    one.beat();
    CHECK(one.of("b").empty());
    CHECK(one.of("c").empty());
  }
  SUBCASE("after a restart") {
    world.start();
    one.beat();
    CHECK(one.of("b").empty());
  }
  SUBCASE("rights that are given or taken are seen within ten minutes") {
    hidden = {"a"};
    for (int i = 0; i < 30; ++i) {
      world.advance(20'000);
      one.beat();
      if (i == 28) CHECK(one.of("b").empty());
    }
    one.beat();
    CHECK(one.of("a").empty());
    CHECK(one.of("b").size() == 2);
  }
}
