#include <doctest/doctest.h>

#include "kafka/broker_config.h"
#include "kafka/store_groups.h"
#include "scratch.h"

using namespace cne;
using namespace cne::kafka;

TEST_CASE("groups: their time goes on when the store is closed") {
  const Scratch scratch;
  log::TopicStore store(scratch.path, {});
  store.create_topic("t", {});
  const Uuid id{store.topic_id("t")};
  EventLoop loop;
  StoreGroupLog records(store, 1, LoopHandle(loop));
  StoreGroupTopics topics(store);
  REQUIRE(topics.find("t"));
  REQUIRE(topics.find(id));
  REQUIRE(topics.names().size() == 1);
  store.close();
  CHECK(!topics.find("t"));
  CHECK(!topics.find(id));
  CHECK(topics.names().empty());
  CHECK(!records.append(0, ByteBuffer(), std::nullopt));
  bool ok = true;
  records.when_acknowledged(0, 1, [&](bool is) { ok = is; });
  CHECK(!ok);
}
