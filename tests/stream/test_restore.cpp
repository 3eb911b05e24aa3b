// Bytes of a snapshot that nobody wrote: refused, or a state that works. The checksum of a
// checkpoint is the first net; here it is right. Sanitizers see what goes wrong silently.

#include <doctest/doctest.h>

#include <cstring>

#include "core/error.h"
#include "stream/collector.h"
#include "stream/keyed_aggregate.h"

using namespace cne;
using namespace cne::stream;

namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

const Schema kInput = {{"k", DType::kInt64}, {"s", DType::kUtf8}, {"v", DType::kFloat64}};

Table rows(const std::vector<std::string>& texts) {
  std::vector<int64_t> keys;
  std::vector<double> values;
  std::string bytes;
  std::vector<int32_t> offsets = {0};
  for (size_t i = 0; i < texts.size(); ++i) {
    keys.push_back(static_cast<int64_t>(i % 3));
    values.push_back(static_cast<double>(i) / 4);
    bytes += texts[i];
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  const auto copied = [](const auto& from) {
    Buffer out = Buffer::allocate(from.size() * sizeof(from[0]));
    if (!from.empty()) std::memcpy(out.mutable_data(), from.data(), from.size() * sizeof(from[0]));
    return out;
  };
  const auto n = static_cast<int64_t>(texts.size());
  Table out;
  out.add("k", Column(DType::kInt64, n, copied(keys)));
  out.add("s", Column::strings(DType::kUtf8, n, copied(offsets), copied(bytes)));
  out.add("v", Column(DType::kFloat64, n, copied(values)));
  return out;
}

Batch batch(const std::vector<int64_t>& event_ms, int64_t watermark) {
  Batch out;
  out.table = rows(std::vector<std::string>(event_ms.size(), "text"));
  out.event_ms = event_ms;
  for (size_t i = 0; i < event_ms.size(); ++i)
    out.steps.push_back({event_ms[i] + 5, watermark, static_cast<int32_t>(i)});
  return out;
}

AggregateSpec spec(WindowSpec window, bool keyed) {
  using frame::AggregateKind;
  const auto s = frame::column("s"), v = frame::column("v"), k = frame::column("k");
  window.lateness_ms = 40;
  return {window,
          keyed ? std::vector<std::string>{"k", "s"} : std::vector<std::string>{},
          {{AggregateKind::kCount, nullptr, "n"},
           {AggregateKind::kMean, k, "km"},
           {AggregateKind::kStddev, v, "sd"},
           {AggregateKind::kMean, v, "m"},
           {AggregateKind::kLast, s, "last"}}};
}

std::string snapshot_of(const AggregateSpec& aggregate) {
  const auto made = make_operator(aggregate, kInput);
  Output out;
  made->on_batch(batch({100, 107, 121, 90, 133, 101, 95}, 110), out);
  StateWriter bytes;
  made->snapshot(bytes);
  return bytes.bytes();
}

/// Restores and goes on; false when the bytes are refused.
bool works(const AggregateSpec& aggregate, std::string_view bytes) {
  const auto made = make_operator(aggregate, kInput);
  try {
    StateReader in(bytes);
    made->restore(in);
    in.finish();
  } catch (const CorruptionError&) {
    return false;
  }
  Output out;
  made->on_batch(batch({104, 130, 150}, 120), out);
  made->on_watermark(kEndOfTime, kEndOfTime, out);
  StateWriter again;
  made->snapshot(again);
  return true;
}

bool works_with(const AggregateSpec& aggregate, size_t at, int64_t value) {
  std::string bytes = snapshot_of(aggregate);
  std::memcpy(bytes.data() + at, &value, 8);
  return works(aggregate, bytes);
}

}  // namespace

TEST_CASE("restore: no byte of an operator's snapshot is trusted") {
  for (const WindowSpec& window : {sliding(20, 10), sliding(20, 7, 3), session(9), WindowSpec{}})
    for (const bool keyed : {false, true}) {
      const AggregateSpec aggregate = spec(window, keyed);
      const std::string bytes = snapshot_of(aggregate);
      CHECK(works(aggregate, bytes));
      for (size_t at = 0; at + 8 <= bytes.size(); at += 4)
        for (const int64_t value :
             {kMost, kLeast, int64_t{-1}, int64_t{1} << 60, int64_t{1} << 51, int64_t{1} << 31}) {
          std::string broken = bytes;
          std::memcpy(broken.data() + at, &value, 8);
          works(aggregate, broken);
        }
      for (size_t size = 0; size < bytes.size(); size += 5)
        CHECK_FALSE(works(aggregate, bytes.substr(0, size)));
    }
}

TEST_CASE("restore: times, counts and windows that cannot be") {
  // Without key columns: clock, watermark, number of keys, three counts, the last window emitted.
  const AggregateSpec aggregate = spec(sliding(20, 10), false);
  for (const size_t at : {0, 8}) {
    CHECK_FALSE(works_with(aggregate, at, kLeast + 1));
    CHECK_FALSE(works_with(aggregate, at, int64_t{1} << 52));
    CHECK(works_with(aggregate, at, kNoTime));
  }
  CHECK_FALSE(works_with(aggregate, 16, 2));
  for (const size_t at : {24, 32, 40}) {
    CHECK_FALSE(works_with(aggregate, at, -1));
    CHECK_FALSE(works_with(aggregate, at, kMost));
  }
  CHECK_FALSE(works_with(aggregate, 48, kMost / 16));
  CHECK_FALSE(works_with(aggregate, 48, kMost));
  CHECK(works_with(aggregate, 48, 11));
}

TEST_CASE("restore: a watermark's times") {
  Watermark watermark(1, 5, 100);
  watermark.on_record(0, 50, 60);
  StateWriter out;
  watermark.snapshot(out);
  // The number of partitions, of each the largest time and the last arrival, one byte; then value.
  for (const size_t at : {8, 16, 25, 33}) {
    for (const int64_t value : {kLeast + 1, int64_t{1} << 52}) {
      std::string bytes = out.bytes();
      std::memcpy(bytes.data() + at, &value, 8);
      StateReader in(bytes);
      CHECK_THROWS_AS(watermark.restore(in), CorruptionError);
    }
  }
  // Without a timeout no partition becomes idle, and a last arrival plus for ever is no time.
  StateReader in(out.bytes());
  CHECK_THROWS_AS(Watermark(1, 5, kForever).restore(in), CorruptionError);
}

TEST_CASE("restore: a collector takes tables of its columns only") {
  const Schema schema = rows({}).schema();
  Collector collector(schema, Collector::Kind::kRows, 0);
  collector.add(rows({"a", "\xc3\xa9", "c"}));
  StateWriter out;
  collector.snapshot(out);
  const auto refused = [&](const std::string& bytes) {
    StateReader in(bytes);
    Collector other(schema, Collector::Kind::kRows, 0);
    try {
      other.restore(in);
    } catch (const CorruptionError&) {
      return true;
    }
    return other.all()[0].schema() != schema;
  };
  CHECK_FALSE(refused(out.bytes()));
  for (const auto& [from, to] : {std::pair{"int64", "int32"},
                                 {"int64", "int6x"},
                                 {"utf8", "date"},
                                 {"\xc3\xa9", "\xc3\xc3"}}) {
    std::string bytes = out.bytes();
    bytes.replace(bytes.find(from), std::strlen(from), to);
    CHECK(refused(bytes));
  }
  for (const int64_t value : {kMost, int64_t{-1}, int64_t{4}, int64_t{1}}) {
    for (const size_t at : {8, 16}) {
      std::string bytes = out.bytes();
      std::memcpy(bytes.data() + at, &value, 8);
      CHECK(refused(bytes));
    }
  }
}
