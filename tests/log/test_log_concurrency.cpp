#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "log/flusher.h"
#include "log/record_encoder.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::log;

namespace {

/// A record whose value is its number within its writer.
void append_numbered(PartitionLog& log, char writer, int64_t number) {
  RecordEncoder encoder;
  const std::string value = std::to_string(number) + std::string(40, 'x');
  encoder.add(number, std::string_view(&writer, 1), std::string_view(value));
  encoder.finish();
  log.append(encoder.bytes().data(), encoder.bytes().size());
}

}  // namespace

TEST_CASE("log: readers beside two writers see each writer's records in order, without holes") {
  const Scratch scratch;
  constexpr int64_t kEach = 400;
  LogOptions options;
  options.fsync_interval_ms = 1;  // the flusher runs as well
  TopicStore store(scratch.path, options);
  TopicConfig config;
  config.segment_bytes = 4096;
  store.create_topic("t", config);
  std::atomic<bool> done{false};
  std::atomic<int64_t> faults{0};
  const auto write = [&](char name) {
    for (int64_t i = 0; i < kEach; ++i) append_numbered(*store.partition("t", 0, "test"), name, i);
  };
  const auto read = [&] {
    int64_t offset = 0;
    int64_t seen[2] = {0, 0};
    while (true) {
      const bool last = done.load();
      const int64_t end = store.end_offset("t", 0);
      const Table table = store.read("t", 0, offset, 3000);
      const int64_t* offsets = table.column(0).values<int64_t>();
      for (int64_t i = 0; i < table.rows(); ++i) {
        const int64_t writer = table.column(2).strings()[i][0] - 'a';
        const int64_t number = std::stoll(std::string(table.column(3).strings()[i]));
        if (offsets[i] != offset++ || number != seen[writer]++) ++faults;
      }
      if (table.rows() == 0 && offset < end) ++faults;
      if (store.offset_for_timestamp("t", 0, 0) != 0) ++faults;
      if (last && table.rows() == 0) break;
    }
    if (offset != 2 * kEach) ++faults;
  };
  std::vector<std::thread> readers;
  readers.emplace_back(read);
  readers.emplace_back(read);
  std::thread a(write, 'a');
  std::thread b(write, 'b');
  a.join();
  b.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(faults == 0);
  CHECK(store.end_offset("t", 0) == 2 * kEach);
  store.close();
}

TEST_CASE("log: retention beside a reader") {
  const Scratch scratch;
  ManualClock clock(0);
  LogOptions options;
  options.clock = &clock;
  options.fsync = FsyncPolicy::kNone;
  TopicStore store(scratch.path, options);
  TopicConfig config;
  config.segment_bytes = 2048;
  config.retention_bytes = 4096;
  store.create_topic("t", config);
  std::atomic<bool> done{false};
  std::atomic<int64_t> wrong{0};
  std::thread reader([&] {
    while (!done.load()) {
      const int64_t start = store.start_offset("t", 0);
      try {
        const Table table = store.read("t", 0, start, 1 << 16);
        if (table.rows() > 0 && table.column(0).values<int64_t>()[0] != start) ++wrong;
      } catch (const ArgumentError&) {
        // Retention took the offset between the two calls.
      }
    }
  });
  for (int64_t i = 0; i < 500; ++i) {
    append_numbered(*store.partition("t", 0, "test"), 'a', i);
    store.enforce_retention();
  }
  done = true;
  reader.join();
  CHECK(wrong == 0);
  CHECK(store.start_offset("t", 0) > 300);
  CHECK(store.end_offset("t", 0) == 500);
}

TEST_CASE("log: a closed partition takes no more, and reads go on") {
  const Scratch scratch;
  TopicStore store(scratch.path, {});
  store.create_topic("t", {});
  PartitionLog& partition = *store.partition("t", 0, "test");
  append_numbered(partition, 'a', 0);
  store.close();
  CHECK_THROWS_AS(append_numbered(partition, 'a', 1), StateError);
  CHECK(partition.read(0, 1 << 20).rows() == 1);
}

TEST_CASE("log: a read beside appends that are given up") {
  const Scratch scratch;
  TopicStore store(scratch.path, {});
  store.create_topic("t", {});
  PartitionLog& partition = *store.partition("t", 0, "test");
  append_numbered(partition, 'a', 0);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int64_t round = 0; !done; ++round) {
      PartitionLog::Appender appender(partition);
      RecordEncoder encoder;
      const std::string value(static_cast<size_t>(20'000 + round % 7 * 3000), 'a' + round % 7);
      for (int i = 0; i < 20; ++i) encoder.add(i, {}, std::string_view(value));
      encoder.finish();
      appender.add_sealed(encoder.bytes().data(), encoder.bytes().size());
    }
  });
  int64_t wrong = 0;
  for (int i = 0; i < 2000; ++i) {
    try {
      wrong += partition.read(0, 1 << 20).rows() != 1;
    } catch (const Error&) {
      ++wrong;
    }
  }
  done = true;
  writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("flusher: an interval that the clock cannot hold is a long one") {
  std::atomic<int> calls{0};
  {
    const Flusher flusher(std::numeric_limits<int64_t>::max(), [&] { ++calls; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(calls == 0);
}
