#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>

#include "feature/block_codec.h"
#include "feature/column_builder.h"

using namespace cne;
using namespace cne::feature;

namespace {

ViewSpec wide_spec() {
  ViewSpec spec = make_view_spec("v", {"a", "b"},
                                 {{"a", DType::kUtf8, true},
                                  {"b", DType::kUInt8, true},
                                  {"x", DType::kBool, true},
                                  {"y", DType::kUtf8, true},
                                  {"z", DataType::timestamp(TimeUnit::kMilli, "UTC"), true},
                                  {"w", DType::kFloat32, true}},
                                 5, true);
  return spec;
}

RowBlock some_block(const ViewSpec& spec, int64_t rows) {
  const auto fill = [rows](const DataType& type, bool nulls) {
    ColumnBuilder builder(type, rows);
    for (int64_t i = 0; i < rows; ++i) {
      if (nulls && i % 3 == 1)
        builder.add_null();
      else if (type.id == DType::kUtf8)
        builder.add_text(std::string(static_cast<size_t>(i % 20), 'x'));
      else
        builder.add_word(static_cast<uint64_t>(i));
    }
    return builder.finish();
  };
  RowBlock out;
  out.rows = rows;
  for (const DataType& type : spec.entity_types) out.entities.push_back(fill(type, false));
  out.event_time = fill(DType::kInt64, false);
  out.created = fill(DType::kInt64, false);
  for (const Field& field : spec.features) out.features.push_back(fill(field.type, true));
  return out;
}

/// Touches all that a decoded block names, for the address sanitizer.
size_t touch(const RowBlock& block) {
  size_t sum = 0;
  std::vector<Column> all = block.entities;
  all.insert(all.end(), block.features.begin(), block.features.end());
  all.push_back(block.event_time);
  all.push_back(block.created);
  for (const Column& column : all) {
    ColumnBuilder copy(column.type(), column.length());
    for (int64_t i = 0; i < column.length(); ++i) copy.add_from(column, i);
    sum += static_cast<size_t>(copy.finish().length());
  }
  return sum;
}

Buffer copy_of(const Buffer& bytes, size_t size) {
  Buffer out = Buffer::allocate(size);
  std::memcpy(out.mutable_data(), bytes.data(), size);
  return out;
}

}  // namespace

TEST_CASE("a block comes back from its bytes, also a slice of one") {
  const ViewSpec spec = wide_spec();
  for (const int64_t rows : {0, 1, 7, 64, 1001}) {
    const RowBlock block = some_block(spec, rows);
    const auto got = decode_block(encode_block(block), spec);
    REQUIRE(got);
    CHECK(got->rows == rows);
    CHECK(encode_block(*got).size() == encode_block(block).size());
    const RowBlock part = block.slice(rows / 3, rows / 2);
    const auto back = decode_block(encode_block(part), spec);
    REQUIRE(back);
    for (int64_t i = 0; i < part.rows; ++i) {
      CHECK(back->features[1].is_valid(i) == part.features[1].is_valid(i));
      if (part.features[1].is_valid(i))
        CHECK(back->features[1].strings()[i] == part.features[1].strings()[i]);
      CHECK(back->features[0].bit(i) == part.features[0].bit(i));
    }
  }
}

TEST_CASE("bytes that are no block of the view are refused, and nothing is read past their end") {
  const ViewSpec spec = wide_spec();
  const Buffer good = encode_block(some_block(spec, 40));
  for (size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(decode_block(copy_of(good, size), spec));
  std::mt19937_64 random(3);
  size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Buffer bytes = copy_of(good, good.size());
    for (uint64_t n = random() % 4 + 1; n > 0; --n) {
      // Half of the changes hit the lengths and heads at the front.
      const size_t at = random() % (n % 2 ? 80 : bytes.size());
      bytes.mutable_data()[at] = static_cast<uint8_t>(random());
    }
    if (const auto got = decode_block(bytes, spec)) accepted += touch(*got) > 0;
  }
  CHECK(accepted > 0);
}

TEST_CASE("a spec comes back from its bytes, and damaged ones are refused or another spec") {
  ViewSpec spec = wide_spec();
  const std::string good = encode_spec(spec);
  CHECK(decode_spec(good) == spec);
  spec.entity_types.clear();
  CHECK(decode_spec(encode_spec(spec)) == spec);
  for (size_t size = 0; size < good.size(); ++size) CHECK_FALSE(decode_spec(good.substr(0, size)));
  std::mt19937_64 random(4);
  size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    refused += !decode_spec(bytes).has_value();
  }
  CHECK(refused > 0);
}
