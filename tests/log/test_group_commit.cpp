#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/fault.h"
#include "log/record_encoder.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::log;

namespace {

LogOptions always() {
  LogOptions out;
  out.fsync = FsyncPolicy::kAlways;
  out.sync_threads = 1;  // so that it can be held up
  return out;
}

AppendOutcome send(PartitionLog& log, std::string_view value = "value") {
  RecordEncoder encoder;
  encoder.add(system_clock().now_ms(), {}, value);
  encoder.finish();
  return log.append_foreign(encoder.bytes().data(), encoder.bytes().size());
}

/// Keeps the thread that syncs busy until it is let go.
class BusyCommitter {
 public:
  explicit BusyCommitter(PartitionLog& other) : state_(std::make_shared<State>()) {
    const AppendOutcome outcome = send(other);
    other.when_acknowledged(outcome.next_offset, [state = state_](bool) {
      state->busy.set_value();
      state->let_go.get_future().wait();
    });
    state_->busy.get_future().wait();
  }
  void let_go() { state_->let_go.set_value(); }

 private:
  struct State {
    std::promise<void> busy;
    std::promise<void> let_go;
  };
  std::shared_ptr<State> state_;
};

bool wait_for(PartitionLog& log, int64_t next_offset) {
  std::promise<bool> told;
  log.when_acknowledged(next_offset, [&](bool ok) { told.set_value(ok); });
  return told.get_future().get();
}

size_t visible(PartitionLog& log) {
  size_t out = 0;
  const auto view = log.view(0, 1 << 20, false);
  for (const FileSlice& slice : view.value().slices) out += slice.size;
  return out;
}

}  // namespace

TEST_CASE("group commit: readers see nothing that is not on the disk, and one sync carries all") {
  const Scratch scratch;
  TopicStore store(scratch.path, always());
  store.create_topic("t", {});
  store.create_topic("other", {});
  const auto log = store.partition("t", 0, "test");
  BusyCommitter busy(*store.partition("other", 0, "test"));
  std::atomic<int> told{0};
  std::vector<int64_t> tails;
  const uint64_t listener = store.append_listeners().add([&](PartitionLog& each) {
    if (&each == log.get()) tails.push_back(each.end_offset());
  });
  send(*log);  // makes the file
  const int64_t before = fault_operations();
  for (int i = 1; i < 20; ++i) {
    const AppendOutcome outcome = send(*log);
    CHECK(outcome.first_offset == i);
    log->when_acknowledged(outcome.next_offset, [&](bool ok) { told += ok ? 1 : 100; });
  }
  CHECK(told == 0);
  CHECK(log->end_offset() == 0);
  CHECK(log->last_stable_offset() == 0);
  CHECK(visible(*log) == 0);
  CHECK(log->read(0, 1 << 20).rows() == 0);
  CHECK(!log->find_timestamp(0));
  CHECK(log->max_timestamp().offset == -1);
  CHECK(fault_operations() - before == 19);  // the writes
  busy.let_go();
  CHECK(wait_for(*log, 20));
  CHECK(told == 19);
  CHECK(log->end_offset() == 20);
  CHECK(log->read(0, 1 << 20).rows() == 20);
  CHECK(fault_operations() - before == 20);                      // and one sync
  BusyCommitter(*store.partition("other", 0, "test")).let_go();  // after all that came before
  store.append_listeners().remove(listener);
  CHECK(tails == std::vector<int64_t>{20});
}

TEST_CASE("group commit: a sync that fails fails everyone who waits, and the partition") {
  const Scratch scratch;
  {
    TopicStore store(scratch.path, always());
    store.create_topic("t", {});
    store.create_topic("other", {});
    const auto log = store.partition("t", 0, "test");
    CHECK(wait_for(*log, send(*log).next_offset));
    BusyCommitter busy(*store.partition("other", 0, "test"));
    std::atomic<int> lost{0};
    for (int i = 0; i < 5; ++i)
      log->when_acknowledged(send(*log).next_offset, [&](bool ok) { lost += ok ? 100 : 1; });
    set_fault_plan(FaultPlan{FaultPlan::Action::kFail, 1});
    busy.let_go();
    CHECK_FALSE(wait_for(*log, 6));
    set_fault_plan(std::nullopt);
    BusyCommitter(*store.partition("other", 0, "test")).let_go();  // after all that came before
    CHECK(lost == 5);
    CHECK(log->end_offset() == 1);
    CHECK(wait_for(*log, 1));
    CHECK_FALSE(wait_for(*log, 2));
    const AppendOutcome outcome = send(*log);
    CHECK(outcome.fault == AppendFault::kStorage);
    CHECK(outcome.why.find("fault injected") != std::string::npos);
    CHECK(log->read(0, 1 << 20).rows() == 1);
  }
  TopicStore store(scratch.path, always());
  const int64_t end = store.end_offset("t", 0);
  CHECK(end >= 1);
  CHECK(end <= 6);
  CHECK(store.read("t", 0, 0, 1 << 20).rows() == end);
}

TEST_CASE("group commit: many threads, over segments, beside a reader") {
  const Scratch scratch;
  TopicStore store(scratch.path, always());
  TopicConfig config;
  config.segment_bytes = 4096;
  store.create_topic("t", config);
  const auto log = store.partition("t", 0, "test");
  constexpr int kThreads = 6;
  constexpr int kEach = 60;
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  std::thread reader([&] {
    int64_t offset = 0;
    while (offset < kThreads * kEach) {
      const int64_t end = log->end_offset();
      const Table table = log->read(offset, 1 << 16);
      if (table.rows() == 0 && end > offset) ++wrong;
      const int64_t* offsets = table.column(0).values<int64_t>();
      for (int64_t i = 0; i < table.rows(); ++i)
        if (offsets[i] != offset++) ++wrong;
      if (done && offset < kThreads * kEach && log->end_offset() < kThreads * kEach) break;
    }
  });
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t)
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const AppendOutcome outcome = send(*log, "some value of a record");
        if (!outcome.ok() || !wait_for(*log, outcome.next_offset)) ++wrong;
        // What was acknowledged can be read.
        if (log->end_offset() < outcome.next_offset) ++wrong;
      }
    });
  for (std::thread& each : writers) each.join();
  done = true;
  reader.join();
  CHECK(wrong == 0);
  CHECK(log->end_offset() == kThreads * kEach);
}

TEST_CASE("group commit: flush.messages lets so many records go unsynced, and no more") {
  const Scratch scratch;
  LogOptions options;
  options.fsync = FsyncPolicy::kNone;
  TopicStore store(scratch.path, options);
  TopicConfig config;
  config.flush_messages = 3;
  store.create_topic("t", config);
  store.create_topic("other", {});
  const auto log = store.partition("t", 0, "test");
  send(*log);
  const int64_t before = fault_operations();
  CHECK(wait_for(*log, send(*log).next_offset));
  CHECK(fault_operations() - before == 1);
  CHECK(wait_for(*log, send(*log).next_offset));
  CHECK(fault_operations() - before == 3);  // the third one waited for a sync
  CHECK(wait_for(*log, send(*log).next_offset));
  CHECK(fault_operations() - before == 4);
}

TEST_CASE("flush.ms: the last tick before it is over syncs") {
  const Scratch scratch;
  LogOptions options;
  options.fsync = FsyncPolicy::kNone;
  TopicStore store(scratch.path, options);
  TopicConfig config;
  config.flush_ms = 5000;
  store.create_topic("t", config);
  const auto log = store.partition("t", 0, "test");
  const int64_t now = monotonic_ns() / 1'000'000;
  CHECK_FALSE(log->is_flush_due(now + 9000, 1000, true));  // there is nothing to sync
  send(*log);
  CHECK_FALSE(log->is_flush_due(now + 1000, 1000, true));
  CHECK(log->is_flush_due(now + 4001, 1000, false));
  log->flush();
  CHECK_FALSE(log->is_flush_due(now + 9000, 1000, false));
}

TEST_CASE("group commit: who waits when the topic goes or the log is closed is told") {
  const Scratch scratch;
  TopicStore store(scratch.path, always());
  store.create_topic("t", {});
  store.create_topic("u", {});
  store.create_topic("other", {});
  const auto t = store.partition("t", 0, "test");
  const auto u = store.partition("u", 0, "test");
  BusyCommitter busy(*store.partition("other", 0, "test"));
  std::atomic<int> kept{0};
  std::atomic<int> lost{0};
  const auto tell = [&](bool ok) { ok ? ++kept : ++lost; };
  t->when_acknowledged(send(*t).next_offset, tell);
  u->when_acknowledged(send(*u).next_offset, tell);
  store.delete_topic("t");
  busy.let_go();
  store.close();
  CHECK(lost == 1);
  CHECK(kept == 1);
  CHECK(send(*t).fault == AppendFault::kClosed);
  CHECK(send(*u).fault == AppendFault::kClosed);
  CHECK(t->view(0, 1, false).error().kind == ReadFault::Kind::kClosed);
}
