#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "core/error.h"
#include "frame/cast.h"
#include "frame/gather.h"
#include "frame/hash_table.h"

using namespace cne;
using namespace cne::frame;

namespace {

using Key = std::vector<std::optional<std::string>>;

Column numbers(int64_t n, uint32_t range, std::mt19937& random, DataType type) {
  Buffer data = Buffer::allocate(static_cast<size_t>(n) * 8);
  Buffer validity = Buffer::zeros(static_cast<size_t>(n) / 8 + 1);
  for (int64_t i = 0; i < n; ++i) {
    data.mutable_as<int64_t>()[i] = random() % range;
    if (random() % 10) set_bit(validity.mutable_data(), i);
  }
  return cast(Column(DType::kInt64, n, std::move(data), std::move(validity)), type, true, "test");
}

/// Element i as text, to compare with std::map.
Key key_at(const std::vector<Column>& keys, int64_t i) {
  Key out;
  for (const Column& key : keys) {
    if (!key.is_valid(i)) {
      out.push_back(std::nullopt);
      continue;
    }
    const Column text = cast(key.slice(i, 1), DType::kUtf8, true, "test");
    out.emplace_back(text.strings()[0]);
  }
  return out;
}

void check_against_map(const std::vector<Column>& keys, const std::vector<DataType>& types) {
  const int64_t n = keys[0].length();
  KeyTable table(types, "test");
  std::vector<uint32_t> ids(static_cast<size_t>(n));
  table.ids(keys, 0, n / 3, ids.data());
  table.ids(keys, n / 3, n, ids.data() + n / 3);
  std::map<Key, uint32_t> expected;
  for (int64_t i = 0; i < n; ++i) {
    const auto [at, added] =
        expected.try_emplace(key_at(keys, i), static_cast<uint32_t>(expected.size()));
    REQUIRE(ids[static_cast<size_t>(i)] == at->second);
  }
  REQUIRE(table.size() == static_cast<int64_t>(expected.size()));

  // The keys come back in order, and make the same table again.
  const std::vector<Column> back = table.keys();
  for (int64_t i = 0; i < table.size(); ++i)
    REQUIRE(expected.at(key_at(back, i)) == static_cast<uint32_t>(i));
  KeyTable again(types, "test");
  std::vector<uint32_t> order(static_cast<size_t>(table.size()));
  again.ids(back, 0, table.size(), order.data());
  for (int64_t i = 0; i < table.size(); ++i) REQUIRE(order[static_cast<size_t>(i)] == i);

  std::vector<uint32_t> found(static_cast<size_t>(n));
  again.find(keys, 0, n, found.data());
  CHECK(found == ids);
}

}  // namespace

TEST_CASE("hash_table: the same numbers as std::map") {
  std::mt19937 random(7);
  for (const uint32_t range : {1u, 5u, 3000u, 1u << 30}) {
    const int64_t n = 5000;
    const Column a = numbers(n, range, random, DType::kInt64);
    const Column b = numbers(n, range % 100 + 1, random, DType::kInt32);
    const Column text = numbers(n, range, random, DType::kUtf8);
    const Column flag = numbers(n, 2, random, DType::kBool);
    check_against_map({a}, {DType::kInt64});
    check_against_map({b.slice(13, n - 20)}, {DType::kInt32});
    check_against_map({text}, {DType::kUtf8});
    check_against_map({cast(text, DType::kLargeUtf8, true, "t").slice(5, n - 5)},
                      {DType::kLargeUtf8});
    check_against_map({flag}, {DType::kBool});
    check_against_map({a, text, flag, b},
                      {DType::kInt64, DType::kUtf8, DType::kBool, DType::kInt32});
  }
}

TEST_CASE("hash_table: find does not insert") {
  std::mt19937 random(8);
  const Column a = numbers(100, 50, random, DType::kInt64);
  KeyTable table({DType::kInt64}, "test");
  std::vector<uint32_t> ids(100);
  table.find({a}, 0, 100, ids.data());
  CHECK(table.size() == 0);
  for (const uint32_t id : ids) CHECK(id == KeyTable::kAbsent);
}

TEST_CASE("hash_table: zeros are one key, NaN are one key") {
  Buffer data = Buffer::allocate(32);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double values[4] = {0.0, -0.0, nan, -nan};
  std::copy(values, values + 4, data.mutable_as<double>());
  const Column keys(DType::kFloat64, 4, data);
  KeyTable table({DType::kFloat64}, "test");
  std::vector<uint32_t> ids(4);
  table.ids({keys}, 0, 4, ids.data());
  CHECK(ids == std::vector<uint32_t>{0, 0, 1, 1});
  std::vector<uint64_t> hashes(4);
  hash_rows({keys}, 0, 4, hashes.data(), "test");
  CHECK(hashes[0] == hashes[1]);
  CHECK(hashes[2] == hashes[3]);
}

TEST_CASE("hash_table: empty texts and nulls are different keys") {
  Buffer offsets = Buffer::zeros(12);
  Buffer validity = Buffer::zeros(1);
  set_bit(validity.mutable_data(), 0);
  const Column keys = Column::strings(DType::kUtf8, 2, offsets, Buffer::zeros(0), validity);
  KeyTable table({DType::kUtf8}, "test");
  std::vector<uint32_t> ids(2);
  table.ids({keys}, 0, 2, ids.data());
  CHECK(ids == std::vector<uint32_t>{0, 1});
  CHECK(table.keys()[0].is_valid(0));
  CHECK(!table.keys()[0].is_valid(1));
}

TEST_CASE("hash_table: no key columns make one group; lists are not keys") {
  KeyTable table({}, "test");
  std::vector<uint32_t> ids(3, 9);
  table.ids({}, 0, 3, ids.data());
  CHECK(ids == std::vector<uint32_t>{0, 0, 0});
  CHECK_THROWS_WITH_AS(KeyTable({DataType::list({"x", DType::kInt64})}, "group_by"),
                       doctest::Contains("group_by: a key cannot be of type list<int64>"),
                       TypeError);
  CHECK_THROWS_AS(table.keys(0, 2), ShapeError);
}
