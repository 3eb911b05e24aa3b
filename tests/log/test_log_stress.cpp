#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "log/batch_cursor.h"
#include "log/record_encoder.h"
#include "log/record_walk.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::log;

namespace {

/// One record: the key of its writer and number modulo 7, and the number as its value.
AppendOutcome send(PartitionLog& log, int writer, int64_t number) {
  RecordEncoder encoder;
  const std::string key = std::to_string(writer) + ":" + std::to_string(number % 7);
  encoder.add(system_clock().now_ms(), std::string_view(key),
              std::string_view(std::to_string(number)));
  encoder.finish();
  return log.append_foreign(encoder.bytes().data(), encoder.bytes().size());
}

/// Reads the bytes of a view as a client would. Counts what is wrong with them.
int64_t follow(const ReadView& view, int64_t& offset, std::map<std::string, int64_t>& last) {
  int64_t wrong = 0;
  for (const FileSlice& slice : view.slices) {
    std::vector<uint8_t> bytes(slice.size);
    if (slice.file->read_at(slice.position, bytes.data(), bytes.size()) != bytes.size()) ++wrong;
    for (size_t at = 0; at < bytes.size();) {
      const auto batch = check_batch(bytes.data() + at, bytes.size() - at);
      if (!batch) return wrong + 1;
      const BatchHeader& header = batch.value();
      walk_records(header, bytes.data() + at + kBatchHeaderSize, header.size() - kBatchHeaderSize,
                   [&](const RecordView& record) {
                     if (header.base_offset + record.offset_delta < offset) return true;
                     const std::string key(record.key, record.key + record.key_size);
                     const int64_t number =
                         std::stoll(std::string(record.value, record.value + record.value_size));
                     const auto [seen, is_new] = last.emplace(key, number);
                     if (!is_new && number <= seen->second) ++wrong;
                     seen->second = number;
                     return true;
                   });
      offset = header.next_offset();
      at += header.size();
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("log: writers, compaction, retention and checkpoints beside readers of views") {
  const Scratch scratch;
  LogOptions options;
  options.fsync_interval_ms = 1;  // the tick runs as well
  TopicStore store(scratch.path, options);
  TopicConfig config;
  config.segment_bytes = 2048;
  config.cleanup_compact = true;
  config.retention_bytes = 200'000;
  for (const FsyncPolicy fsync : {FsyncPolicy::kNone, FsyncPolicy::kAlways}) {
    config.fsync = fsync;
    const std::string topic = fsync == FsyncPolicy::kNone ? "none" : "always";
    store.create_topic(topic, config);
    const auto log = store.partition(topic, 0, "test");
    constexpr int kWriters = 3;
    const int64_t each = fsync == FsyncPolicy::kNone ? 1500 : 250;
    std::atomic<int64_t> wrong{0};
    std::atomic<int> writing{kWriters};
    std::atomic<int64_t> told{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w)
      threads.emplace_back([&, w] {
        for (int64_t i = 0; i < each; ++i) {
          const AppendOutcome outcome = send(*log, w, i);
          if (!outcome.ok()) ++wrong;
          log->when_acknowledged(outcome.next_offset, [&](bool ok) { ok ? ++told : ++wrong; });
        }
        --writing;
      });
    threads.emplace_back([&] {
      while (writing > 0) {
        log->compact(true);
        log->enforce_retention();
        store.keep_house();
      }
    });
    for (int r = 0; r < 2; ++r)
      threads.emplace_back([&] {
        int64_t offset = 0;
        std::map<std::string, int64_t> last;
        for (;;) {
          const bool is_last = writing == 0 && told == kWriters * each;
          const auto view = log->view(offset, 5000, false);
          if (!view) {
            if (view.error().kind != ReadFault::Kind::kOutOfRange) ++wrong;
            offset = view.error().bounds.start_offset;
            continue;
          }
          wrong += follow(view.value(), offset, last);
          log->find_timestamp(0);
          if (view.value().slices.empty()) {
            if (is_last) break;
            std::this_thread::yield();
          }
        }
        // Of each key the last record came.
        for (const auto& [key, number] : last)
          if (number < each - 7) ++wrong;
        if (last.size() != kWriters * 7) ++wrong;
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(log->end_offset() == kWriters * each);
    log->compact(true);
    CHECK(log->read(log->start_offset(), 1 << 24).rows() < kWriters * each);
  }
}

TEST_CASE("log: topics are deleted and made again beside writers and readers") {
  const Scratch scratch;
  LogOptions options;
  options.fsync = FsyncPolicy::kAlways;
  TopicStore store(scratch.path, options);
  std::atomic<bool> done{false};
  std::atomic<int64_t> wrong{0};
  std::atomic<int64_t> waiting{0};
  std::atomic<int64_t> stored{0};
  const auto use = [&] {
    while (!done) {
      const auto topic = store.find_topic("t");
      if (!topic) continue;
      PartitionLog& log = *topic->partitions[0];
      const AppendOutcome outcome = send(log, 0, 0);
      if (outcome.ok()) {
        ++stored;
        ++waiting;
        log.when_acknowledged(outcome.next_offset, [&](bool) { --waiting; });
      } else if (outcome.fault != AppendFault::kClosed) {
        ++wrong;
      }
      const auto view = log.view(0, 1 << 20, false);
      if (!view && view.error().kind != ReadFault::Kind::kClosed) ++wrong;
    }
  };
  std::thread a(use);
  std::thread b(use);
  for (int i = 0; i < 30; ++i) {
    store.create_topic("t", {});
    while (stored < 5 * i) std::this_thread::yield();
    store.delete_topic("t");
  }
  done = true;
  a.join();
  b.join();
  store.close();
  CHECK(wrong == 0);
  CHECK(waiting == 0);
  CHECK(list_directory(scratch.path + "/topics").empty());
}
