#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "feature/lookup.h"
#include "feature/materialize.h"
#include "feature/online_store.h"

using namespace cne;
using namespace cne::feature;

namespace {

constexpr int kFeatures = 40;

ViewSpec text_spec() {
  Schema schema;
  for (int f = 0; f < kFeatures; ++f)
    schema.push_back({"f" + std::to_string(f), f % 4 == 3 ? DType::kUtf8 : DType::kInt64, true});
  ViewSpec spec = make_view_spec("v", {"k"}, schema, 0, false);
  spec.entity_types = {DType::kUtf8};
  return spec;
}

Column ints(std::vector<int64_t> values) {
  Buffer bytes = Buffer::allocate(values.size() * 8);
  std::memcpy(bytes.mutable_data(), values.data(), values.size() * 8);
  return Column(DType::kInt64, static_cast<int64_t>(values.size()), bytes);
}

Column texts(const std::vector<std::string>& values) {
  Buffer offsets = Buffer::allocate((values.size() + 1) * 4);
  std::string all;
  offsets.mutable_as<int32_t>()[0] = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    all += values[i];
    offsets.mutable_as<int32_t>()[i + 1] = static_cast<int32_t>(all.size());
  }
  Buffer bytes = Buffer::allocate(all.size());
  std::memcpy(bytes.mutable_data(), all.data(), all.size());
  return Column::strings(DType::kUtf8, static_cast<int64_t>(values.size()), offsets, bytes);
}

/// Long and short keys, so that both forms of key are met.
std::string key_name(int64_t k) { return std::string(k % 3 * 9, 'k') + std::to_string(k); }

std::string text_of(int64_t version) {
  return std::string(static_cast<size_t>(version % 50), static_cast<char>('a' + version % 26));
}

/// One row a key; all features of a row tell its version.
RowBlock version_block(const std::vector<int64_t>& keys, int64_t version) {
  RowBlock out;
  out.rows = static_cast<int64_t>(keys.size());
  std::vector<std::string> names;
  for (const int64_t k : keys) names.push_back(key_name(k));
  out.entities = {texts(names)};
  out.event_time = out.created = ints(std::vector<int64_t>(keys.size(), version));
  for (int f = 0; f < kFeatures; ++f)
    out.features.push_back(f % 4 == 3
                               ? texts(std::vector<std::string>(keys.size(), text_of(version)))
                               : ints(std::vector<int64_t>(keys.size(), version)));
  return out;
}

}  // namespace

TEST_CASE("readers see whole rows, never older ones, and never miss an entity while one writes") {
#ifdef CNE_SANITIZED
  constexpr int64_t kVersions = 60;
#else
  constexpr int64_t kVersions = 400;
#endif
  constexpr int64_t kHot = 16;
  const ViewSpec spec = text_spec();
  OnlineStore store(spec.features, 2, true);
  std::vector<int64_t> hot(kHot);
  for (int64_t k = 0; k < kHot; ++k) hot[k] = k;
  put_online(spec, version_block(hot, 1), store);

  std::vector<FeatureSlot> slots = store.layout().slots();
  std::vector<DataType> types;
  for (const Field& field : spec.features) types.push_back(field.type);
  std::atomic<bool> done{false};
  std::atomic<int64_t> torn{0}, missing{0}, backwards{0}, reads{0};
  const RowBlock keys_block = version_block(hot, 0);
  const auto reader = [&] {
    KeyBatch keys;
    encode_keys(spec, keys_block.entities, "test", keys);
    std::vector<int64_t> last(kHot, 0);
    do {
      const std::vector<Column> got = lookup_columns(store, keys, {INT64_MAX, 0}, slots, types);
      for (int64_t i = 0; i < kHot; ++i) {
        if (!got[0].is_valid(i)) {
          ++missing;
          continue;
        }
        const int64_t version = got[0].values<int64_t>()[i];
        if (version < last[i]) ++backwards;
        last[i] = version;
        for (int f = 0; f < kFeatures; ++f) {
          const bool same = f % 4 == 3 ? got[f].strings()[i] == text_of(version)
                                       : got[f].values<int64_t>()[i] == version;
          if (!same) ++torn;
        }
      }
      ++reads;
    } while (!done);
  };
  std::thread first(reader), second(reader);
  int64_t next_key = kHot;
  for (int64_t version = 2; version <= kVersions; ++version) {
    put_online(spec, version_block(hot, version), store);
    // New entities make the index grow and take rows that the hot ones gave up.
    std::vector<int64_t> fresh;
    for (int i = 0; i < 20; ++i) fresh.push_back(next_key++);
    put_online(spec, version_block(fresh, version), store);
  }
  done = true;
  first.join();
  second.join();
  CHECK(torn == 0);
  CHECK(missing == 0);
  CHECK(backwards == 0);
  CHECK(reads > 0);
  CHECK(store.size() == next_key);
}

TEST_CASE("memory of replaced rows and texts is used again") {
  const ViewSpec spec = text_spec();
  OnlineStore store(spec.features, 2, true);
  put_online(spec, version_block({1, 2, 3}, 1), store);
  for (int64_t version = 2; version < 200; ++version)
    put_online(spec, version_block({1, 2, 3}, version), store);
  const uint64_t settled = store.memory_bytes();
  for (int64_t version = 200; version < 2000; ++version)
    put_online(spec, version_block({1, 2, 3}, version), store);
  CHECK(store.memory_bytes() == settled);
  CHECK(store.size() == 3);
}

TEST_CASE("keys whose hashes share a tag and a bucket are told apart") {
  const ViewSpec spec = text_spec();
  OnlineStore store(spec.features, 1, false);
  std::vector<uint64_t> row(store.layout().stride(), 0);
  // Equal hashes by force: the store must fall back to comparing keys.
  const uint64_t hash = 0x1234'5678'9abc'def0ULL;
  for (uint64_t word = 0; word < 50; ++word) {
    row[kEventWord] = word + 1;
    store.put({&word, hash, {}}, row.data(), std::vector<std::string_view>(1));
    if (word == 30) break;  // the index grows by true hashes, so stay below that
  }
  for (uint64_t word = 0; word <= 30; ++word) {
    uint64_t event = 0;
    CHECK(
        store.read({&word, hash, {}}, [&](const uint64_t* r, uint64_t) { event = r[kEventWord]; }));
    CHECK(event == word + 1);
  }
  const uint64_t absent = 31;
  CHECK_FALSE(store.read({&absent, hash, {}}, [](const uint64_t*, uint64_t) {}));
}
