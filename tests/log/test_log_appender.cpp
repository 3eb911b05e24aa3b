#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "core/error.h"
#include "core/fault.h"
#include "core/file.h"
#include "log/record_encoder.h"
#include "log/topic_store.h"
#include "scratch.h"

using namespace cne;
using namespace cne::log;

namespace {

TopicConfig small_segments() {
  TopicConfig config;
  config.segment_bytes = 1024;
  return config;
}

/// Batches of `count` records of 300 bytes, each a batch of its own.
void add_records(PartitionLog::Appender& appender, int count) {
  for (int i = 0; i < count; ++i) {
    RecordEncoder encoder;
    const std::string value(300, 'x');
    encoder.add(i, {}, std::string_view(value));
    encoder.finish();
    appender.add(encoder.bytes().data(), encoder.bytes().size());
  }
}

void append_records(PartitionLog& log, int count) {
  PartitionLog::Appender appender(log);
  add_records(appender, count);
  appender.finish();
}

}  // namespace

TEST_CASE("log: an append over several segments that is given up leaves nothing") {
  const Scratch scratch;
  LogOptions reading;
  reading.read_only = true;
  {
    TopicStore store(scratch.path, {});
    store.create_topic("t", small_segments());
    PartitionLog& log = *store.partition("t", 0, "test");
    append_records(log, 1);
    TopicStore reader(scratch.path, reading);
    for (int round = 0; round < 2; ++round) {
      {
        PartitionLog::Appender appender(log);
        add_records(appender, 20);
        CHECK(log.segment_count() > 4);
        CHECK(log.end_offset() == 1);
        CHECK(reader.end_offset("t", 0) == 21);  // whole batches in the files
      }
      CHECK(log.segment_count() == 1);
      CHECK(reader.end_offset("t", 0) == 1);
    }
    append_records(log, 10);
    CHECK(reader.read("t", 0, 0, 1 << 20).rows() == 11);
    CHECK(store.read("t", 0, 0, 1 << 20).rows() == 11);
  }
  TopicStore store(scratch.path, {});
  CHECK(store.read("t", 0, 0, 1 << 20).rows() == 11);
}

TEST_CASE("log: a reader beside sees what came in the place of an append that was given up") {
  const Scratch scratch;
  LogOptions reading;
  reading.read_only = true;
  TopicStore store(scratch.path, {});
  store.create_topic("t", {});
  PartitionLog& log = *store.partition("t", 0, "test");
  append_records(log, 1);
  TopicStore reader(scratch.path, reading);
  {
    PartitionLog::Appender appender(log);
    add_records(appender, 5);
    CHECK(reader.end_offset("t", 0) == 6);
  }
  for (int i = 0; i < 20; ++i) {
    RecordEncoder encoder;
    encoder.add(i, {}, std::string_view("another one"));
    encoder.add(i, {}, std::string_view("and one more"));
    encoder.finish();
    log.append(encoder.bytes().data(), encoder.bytes().size());
  }
  CHECK(reader.end_offset("t", 0) == 41);
  CHECK(reader.read("t", 0, 0, 1 << 20).rows() == 41);
  CHECK(reader.read("t", 0, 40, 1 << 20).rows() == 1);
}

TEST_CASE("log: an append that can be taken back in part only leaves what opens") {
  int64_t taken_back = 0;
  for (int64_t at = 1; at <= 40; ++at) {
    const Scratch scratch;
    bool failed = false;
    {
      TopicStore store(scratch.path, {});
      store.create_topic("t", small_segments());
      PartitionLog& log = *store.partition("t", 0, "test");
      append_records(log, 1);
      {
        PartitionLog::Appender appender(log);
        add_records(appender, 8);
        set_fault_plan(FaultPlan{FaultPlan::Action::kFail, at});
      }
      set_fault_plan(std::nullopt);
      try {
        append_records(log, 1);
      } catch (const IoError&) {
        failed = true;
      }
      CHECK(log.end_offset() == (failed ? 1 : 2));
    }
    TopicStore store(scratch.path, {});
    const int64_t end = store.end_offset("t", 0);
    CHECK(end >= 1);
    CHECK(end <= 9);
    CHECK(store.read("t", 0, 0, 1 << 20).rows() == end);
    if (!failed) ++taken_back;
  }
  CHECK(taken_back > 0);
  CHECK(taken_back < 34);
}

TEST_CASE("log: rows of a call whose sync failed are not in the file any more") {
  const Scratch scratch;
  LogOptions always;
  always.fsync = FsyncPolicy::kAlways;
  uint64_t size = 0;
  const auto file_size = [&] {
    return File::open(scratch.path + "/topics/t/0/00000000000000000000.log", File::Mode::kRead)
        .size();
  };
  TopicStore store(scratch.path, always);
  store.create_topic("t", {});
  PartitionLog& log = *store.partition("t", 0, "test");
  append_records(log, 1);
  size = file_size();
  {
    PartitionLog::Appender appender(log);
    add_records(appender, 2);
    CHECK(file_size() > size);
    set_fault_plan(FaultPlan{FaultPlan::Action::kFail, 1});
    CHECK_THROWS_AS(appender.finish(), IoError);
    set_fault_plan(std::nullopt);
  }
  CHECK(file_size() == size);
  CHECK_THROWS_AS(append_records(log, 1), IoError);
}
