#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "log/record_encoder.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::log;

namespace {

void append_record(PartitionLog& log) {
  RecordEncoder encoder;
  encoder.add(1, {}, std::string_view("v"));
  encoder.finish();
  log.append(encoder.bytes().data(), encoder.bytes().size());
}

}  // namespace

TEST_CASE("log: each listener hears of each append, until it is removed") {
  const Scratch scratch;
  TopicStore store(scratch.path, {});
  TopicConfig config;
  config.partitions = 2;
  store.create_topic("t", config);
  PartitionLog& second = *store.partition("t", 1, "test");
  std::vector<std::string> heard;
  const auto listen = [&](const char* name) {
    return store.append_listeners().add([&heard, name](PartitionLog& log) {
      heard.push_back(name + std::to_string(log.index()) + "@" + std::to_string(log.end_offset()));
    });
  };
  append_record(second);
  const uint64_t a = listen("a");
  const uint64_t b = listen("b");
  append_record(second);
  CHECK(heard == std::vector<std::string>{"a1@2", "b1@2"});
  store.append_listeners().remove(a);
  store.append_listeners().remove(a);
  append_record(*store.partition("t", 0, "test"));
  CHECK(heard.back() == "b0@1");
  CHECK(heard.size() == 3);
  store.append_listeners().remove(b);
  append_record(second);
  CHECK(heard.size() == 3);
}

TEST_CASE("log: a removed listener is not called any more, nor being called") {
  const Scratch scratch;
  TopicStore store(scratch.path, {});
  store.create_topic("t", {});
  PartitionLog& log = *store.partition("t", 0, "test");
  std::atomic<bool> stop{false};
  std::thread appender([&] {
    while (!stop) append_record(log);
  });
  for (int i = 0; i < 200; ++i) {
    auto calls = std::make_unique<std::atomic<int>>(0);  // freed after the removal
    const uint64_t number =
        store.append_listeners().add([at = calls.get()](PartitionLog&) { ++*at; });
    while (*calls == 0) std::this_thread::yield();
    store.append_listeners().remove(number);
  }
  stop = true;
  appender.join();
}
