#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "frame/aggregate.h"
#include "frame/cast.h"

using namespace cne;
using namespace cne::frame;

namespace {

/// One state in memory of its own.
struct State {
  const AggregateLayout& layout;
  std::vector<uint64_t> words;
  explicit State(const AggregateLayout& l) : layout(l), words(l.state_bytes() / 8 + 1) {
    layout.init(data());
  }
  State(const State&) = delete;
  ~State() { layout.destroy(data()); }
  uint8_t* data() { return reinterpret_cast<uint8_t*>(words.data()); }
  std::vector<Column> finish() {
    const uint8_t* pointer = data();
    return layout.finish(&pointer, 1);
  }
  std::string bytes() {
    std::string out;
    layout.serialize(data(), out);
    return out;
  }
};

Column doubles(const std::vector<double>& values, const std::vector<bool>& valid = {}) {
  const auto n = static_cast<int64_t>(values.size());
  Buffer data = Buffer::allocate(values.size() * 8);
  std::copy(values.begin(), values.end(), data.mutable_as<double>());
  Buffer validity;
  if (!valid.empty()) {
    validity = Buffer::zeros(values.size() / 8 + 1);
    for (int64_t i = 0; i < n; ++i)
      if (valid[static_cast<size_t>(i)]) set_bit(validity.mutable_data(), i);
  }
  return Column(DType::kFloat64, n, std::move(data), std::move(validity));
}

/// A table of random numbers, integers and texts, a third of them null.
Table random_table(int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> numbers;
  std::vector<bool> valid;
  for (int64_t i = 0; i < n; ++i) {
    numbers.push_back(std::floor(static_cast<double>(random() % 2000) - 1000));
    valid.push_back(random() % 3 != 0);
  }
  const Column number = doubles(numbers, valid);
  Table out;
  out.add("f", number);
  out.add("i", cast(number, DType::kInt32, true, "test"));
  out.add("s", cast(cast(number, DType::kInt64, true, "test"), DType::kUtf8, true, "test"));
  return out;
}

std::vector<Aggregate> all_kinds() {
  std::vector<Aggregate> out = {{AggregateKind::kCount, nullptr, "rows"}};
  for (const char* name : {"f", "i", "s"})
    for (int kind = 0; kind <= static_cast<int>(AggregateKind::kVariance); ++kind) {
      const auto k = static_cast<AggregateKind>(kind);
      const bool number = k == AggregateKind::kSum || k == AggregateKind::kMean ||
                          k == AggregateKind::kStddev || k == AggregateKind::kVariance;
      if (name[0] == 's' && number) continue;
      out.push_back({k, column(name), std::string(name) + to_string(k)});
    }
  return out;
}

void check_equal(const std::vector<Column>& a, const std::vector<Column>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t c = 0; c < a.size(); ++c) {
    REQUIRE(a[c].is_valid(0) == b[c].is_valid(0));
    if (!a[c].is_valid(0)) continue;
    if (is_binary_like(a[c].type().id))
      CHECK(a[c].strings()[0] == b[c].strings()[0]);
    else if (a[c].type().id == DType::kFloat64)
      CHECK(a[c].values<double>()[0] == doctest::Approx(b[c].values<double>()[0]).epsilon(1e-12));
    else if (a[c].type().id == DType::kInt64)
      CHECK(a[c].values<int64_t>()[0] == b[c].values<int64_t>()[0]);
    else
      CHECK(a[c].values<int32_t>()[0] == b[c].values<int32_t>()[0]);
  }
}

}  // namespace

TEST_CASE("aggregate: rows one by one, in one run and scattered give the same bits") {
  const Table table = random_table(999, 1);
  const AggregateLayout layout(all_kinds(), table.schema(), "test");
  const std::vector<Column> inputs = layout.inputs(table);
  CHECK(layout.owns_memory());
  State run(layout);
  State rows(layout);
  State scattered(layout);
  layout.update_run(run.data(), inputs, 0, 999, {});
  for (int64_t i = 0; i < 999; ++i) layout.update_row(rows.data(), inputs, i, {});
  std::vector<uint8_t*> pointers(999, scattered.data());
  layout.update_rows(pointers.data(), inputs, 0, 500, {});
  layout.update_rows(pointers.data(), inputs, 500, 999, {});
  CHECK(run.bytes() == rows.bytes());
  CHECK(run.bytes() == scattered.bytes());
}

TEST_CASE("aggregate: a null pointer leaves its row out") {
  const Table table = random_table(100, 2);
  const AggregateLayout layout(all_kinds(), table.schema(), "test");
  State some(layout);
  State even(layout);
  std::vector<uint8_t*> pointers;
  for (int i = 0; i < 100; ++i) pointers.push_back(i % 2 ? nullptr : some.data());
  layout.update_rows(pointers.data(), layout.inputs(table), 0, 100, {});
  for (int i = 0; i < 100; i += 2) layout.update_row(even.data(), layout.inputs(table), i, {});
  CHECK(some.bytes() == even.bytes());
}

TEST_CASE("aggregate: merge of parts is the whole, in any grouping") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const Table table = random_table(60, seed);
    const AggregateLayout layout(all_kinds(), table.schema(), "test");
    const std::vector<Column> inputs = layout.inputs(table);
    State whole(layout);
    layout.update_run(whole.data(), inputs, 0, 60, {});
    State a(layout);
    State b(layout);
    State c(layout);
    const int64_t first = seed % 7;
    layout.update_run(a.data(), inputs, 0, first, {});
    layout.update_run(b.data(), inputs, first, 40, {});
    layout.update_run(c.data(), inputs, 40, 60, {});
    State left(layout);
    layout.merge(left.data(), a.data());
    layout.merge(left.data(), b.data());
    layout.merge(left.data(), c.data());
    check_equal(left.finish(), whole.finish());
    layout.merge(b.data(), c.data());
    layout.merge(a.data(), b.data());
    check_equal(a.finish(), whole.finish());
  }
}

TEST_CASE("aggregate: a state survives its bytes, and short bytes are an error") {
  const Table table = random_table(50, 3);
  const AggregateLayout layout(all_kinds(), table.schema(), "test");
  State state(layout);
  layout.update_run(state.data(), layout.inputs(table), 0, 50, {});
  const std::string bytes = state.bytes();
  const auto* begin = reinterpret_cast<const uint8_t*>(bytes.data());
  State copy(layout);
  CHECK(layout.deserialize(copy.data(), begin, begin + bytes.size()) == begin + bytes.size());
  CHECK(copy.bytes() == bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    State cut(layout);
    CHECK_THROWS_AS(layout.deserialize(cut.data(), begin, begin + size), CorruptionError);
  }
  State empty(layout);
  const std::string none = empty.bytes();
  const auto* at = reinterpret_cast<const uint8_t*>(none.data());
  State again(layout);
  layout.deserialize(again.data(), at, at + none.size());
  check_equal(again.finish(), empty.finish());
}

TEST_CASE("aggregate: first and last go by order, ties by arrival") {
  Table table;
  table.add("v", doubles({1, 2, 3, 4, 5, 6}));
  const AggregateLayout layout(
      {{AggregateKind::kFirst, column("v"), "first"}, {AggregateKind::kLast, column("v"), "last"}},
      table.schema(), "test");
  const std::vector<int64_t> order = {5, 1, 1, 9, 9, 3};
  State state(layout);
  layout.update_run(state.data(), layout.inputs(table), 0, 6, {order.data()});
  CHECK(state.finish()[0].values<double>()[0] == 2);
  CHECK(state.finish()[1].values<double>()[0] == 5);
}

TEST_CASE("aggregate: integer sums are exact beyond 64 bits, and an error when they stay there") {
  Table table;
  Buffer data = Buffer::allocate(24);
  const int64_t max = std::numeric_limits<int64_t>::max();
  data.mutable_as<int64_t>()[0] = max;
  data.mutable_as<int64_t>()[1] = max;
  data.mutable_as<int64_t>()[2] = -max;
  table.add("v", Column(DType::kInt64, 3, data));
  const AggregateLayout layout(
      {{AggregateKind::kSum, column("v"), "sum"}, {AggregateKind::kMean, column("v"), "mean"}},
      table.schema(), "test");
  CHECK(layout.state_bytes() == 24);  // sum and mean share one part
  State state(layout);
  layout.update_run(state.data(), layout.inputs(table), 0, 3, {});
  CHECK(state.finish()[0].values<int64_t>()[0] == max);
  State over(layout);
  layout.update_run(over.data(), layout.inputs(table), 0, 2, {});
  CHECK_THROWS_WITH_AS(over.finish(),
                       doctest::Contains("sum(col(\"v\")): the sum does not fit into int64"),
                       ArgumentError);
}

TEST_CASE("aggregate: NaN stays in sums and is passed over by min and max") {
  const double nan = std::nan("");
  Table table;
  table.add("v", doubles({nan, 2, nan, -1}));
  const AggregateLayout layout({{AggregateKind::kSum, column("v"), "sum"},
                                {AggregateKind::kMin, column("v"), "min"},
                                {AggregateKind::kMax, column("v"), "max"}},
                               table.schema(), "test");
  State state(layout);
  layout.update_run(state.data(), layout.inputs(table), 0, 1, {});
  CHECK(std::isnan(state.finish()[1].values<double>()[0]));
  layout.update_run(state.data(), layout.inputs(table), 1, 4, {});
  CHECK(std::isnan(state.finish()[0].values<double>()[0]));
  CHECK(state.finish()[1].values<double>()[0] == -1);
  CHECK(state.finish()[2].values<double>()[0] == 2);
}

TEST_CASE("aggregate: wrong use") {
  const Table table = random_table(1, 0);
  const auto make = [&](std::vector<Aggregate> aggregates) {
    return AggregateLayout(std::move(aggregates), table.schema(), "agg");
  };
  CHECK_THROWS_WITH_AS(
      make({{AggregateKind::kSum, column("s"), "x"}}),
      doctest::Contains("agg: sum(col(\"s\")) expects numbers, bools or durations"), TypeError);
  CHECK_THROWS_AS(make({{AggregateKind::kVariance, column("s"), "x"}}), TypeError);
  CHECK_THROWS_AS(make({{AggregateKind::kSum, nullptr, "x"}}), ArgumentError);
  CHECK_THROWS_AS(make({{AggregateKind::kSum, column("z"), "x"}}), NotFoundError);
  CHECK_THROWS_AS(
      make({{AggregateKind::kSum, column("f"), "x"}, {AggregateKind::kMin, column("f"), "x"}}),
      ArgumentError);
  CHECK_THROWS_WITH_AS(parse_aggregate("medain"), doctest::Contains("agg: no aggregate"),
                       ArgumentError);
}
