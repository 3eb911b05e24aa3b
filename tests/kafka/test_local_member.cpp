#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/local_member.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::kafka;
using Key = LocalMember::Key;

namespace {

log::LogOptions options_of(log::FsyncPolicy policy) {
  log::LogOptions options;
  options.fsync = policy;
  return options;
}

void create_topic(log::TopicStore& store, int32_t partitions) {
  log::TopicConfig config;
  config.partitions = partitions;
  store.create_topic("t", config);
}

/// A member with what it owns.
struct Reader {
  explicit Reader(log::TopicStore& store)
      : member(std::make_unique<LocalMember>(StoreGroups::of(store, nullptr),
                                             LocalMemberOptions{"g", {}, {}, 300'000})) {
    member->subscribe({"t"});
  }

  void poll() {
    while (const auto step = member->poll()) {
      for (const Key& key : step->give_up) owned.erase(key);
      member->gave_up();
      owned.insert(step->take.begin(), step->take.end());
      member->took();
    }
  }

  std::unique_ptr<LocalMember> member;
  std::set<Key> owned;
};

template <typename Condition>
bool until(std::vector<Reader>& readers, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < end) {
    for (Reader& reader : readers) reader.poll();
    if (condition()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("local member: members share partitions, and offsets are theirs") {
  for (const auto policy : {log::FsyncPolicy::kNone, log::FsyncPolicy::kAlways}) {
    const Scratch scratch;
    log::TopicStore store(scratch.path, options_of(policy));
    create_topic(store, 6);
    std::vector<Reader> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(store);
    REQUIRE(until(readers, [&] {
      std::set<Key> all;
      for (const Reader& reader : readers) all.insert(reader.owned.begin(), reader.owned.end());
      return all.size() == 6 && readers[0].owned.size() == 2 && readers[1].owned.size() == 2;
    }));
    std::map<Key, int64_t> offsets;
    for (const Key& key : readers[0].owned) offsets[key] = 7;
    readers[0].member->commit(offsets);
    for (const auto& [key, offset] : readers[1].member->committed({{"t", 0}, {"t", 5}}, true))
      CHECK(offset == (offsets.contains(key) ? std::optional<int64_t>(7) : std::nullopt));
    CHECK_THROWS_AS(readers[0].member->commit({{{"none", 0}, 1}}), NotFoundError);
    readers.erase(readers.begin() + 1, readers.end());
    REQUIRE(until(readers, [&] { return readers[0].owned.size() == 6; }));
    readers[0].member->leave();
    readers[0].member->leave();
    CHECK_FALSE(readers[0].member->poll());
  }
}

TEST_CASE("local member: threads join, poll, commit and leave at once, beside brokers") {
  const Scratch scratch;
  log::TopicStore store(scratch.path, options_of(log::FsyncPolicy::kNone));
  create_topic(store, 8);
  std::atomic<int> commits{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round) {
        Reader reader(store);
        for (int i = 0; i < 30; ++i) {
          reader.poll();
          if (reader.owned.empty()) continue;
          try {
            reader.member->commit({{*reader.owned.begin(), round}});
            ++commits;
          } catch (const StateError&) {  // the group has changed meanwhile
          }
          reader.member->committed({{"t", t}}, true);
        }
      }
    });
  for (int i = 0; i < 10; ++i) {
    BrokerConfig config;
    config.set("listeners", "PLAINTEXT://127.0.0.1:0");
    config.set("group.consumer.heartbeat.interval.ms", std::to_string(100 + i));
    Broker broker(store, std::move(config));
    broker.start();
    broker.metrics_text();
    broker.stop();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(commits > 0);
}
