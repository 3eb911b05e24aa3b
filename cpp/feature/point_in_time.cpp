#include "feature/point_in_time.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "core/parallel.h"
#include "feature/column_builder.h"

namespace cne::feature {

namespace {

constexpr int64_t kGrain = 1 << 14;

}  // namespace

HistoryIndex::HistoryIndex(const ViewSpec& spec, std::vector<RowBlock> blocks)
    : blocks_(std::move(blocks)),
      starts_{0},
      keys_(key_word_count(spec.entity_types), has_text(spec.entity_types)) {
  for (const RowBlock& block : blocks_) starts_.push_back(starts_.back() + block.rows);
  std::vector<int64_t> ids(rows());
  event_.resize(rows());
  created_.resize(rows());
  KeyBatch batch;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const RowBlock& block = blocks_[b];
    encode_keys(spec, block.entities, "history", batch);
    keys_.insert(batch, ids.data() + starts_[b]);
    const size_t bytes = block.rows * sizeof(int64_t);
    if (bytes == 0) continue;
    std::memcpy(event_.data() + starts_[b], block.event_time.values<int64_t>(), bytes);
    std::memcpy(created_.data() + starts_[b], block.created.values<int64_t>(), bytes);
  }
  first_.assign(keys_.size() + 1, 0);
  for (const int64_t id : ids) ++first_[id + 1];
  for (size_t e = 1; e < first_.size(); ++e) first_[e] += first_[e - 1];
  std::vector<int64_t> next(first_.begin(), first_.end() - 1);
  winner_.resize(rows());
  for (int64_t row = 0; row < rows(); ++row) winner_[next[ids[row]]++] = row;
  visible_.resize(rows());
  sort_entities();
}

/// From the rows of each entity in order of writing: sorts by visibility, then keeps the winners.
void HistoryIndex::sort_entities() {
  const auto visible_at = [this](int64_t row) { return std::max(event_[row], created_[row]); };
  parallel_for(keys_.size(), 1 << 10, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) {
      const auto from = winner_.begin() + first_[e];
      const auto to = winner_.begin() + first_[e + 1];
      const auto earlier = [&](int64_t a, int64_t b) { return visible_at(a) < visible_at(b); };
      if (!std::is_sorted(from, to, earlier)) std::stable_sort(from, to, earlier);
      int64_t best = -1;
      for (int64_t i = first_[e]; i < first_[e + 1]; ++i) {
        const int64_t row = winner_[i];
        visible_[i] = visible_at(row);
        if (best < 0 || std::tie(event_[best], created_[best], best) <
                            std::tie(event_[row], created_[row], row))
          best = row;
        winner_[i] = best;
      }
    }
  });
}

std::vector<int64_t> HistoryIndex::find(const KeyBatch& keys, const int64_t* times_ns,
                                        int64_t ttl_ns) const {
  std::vector<int64_t> out(keys.rows);
  parallel_for(keys.rows, kGrain, [&](int64_t begin, int64_t end) {
    keys_.find(keys, begin, end, out.data() + begin);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t e = out[i];
      out[i] = -1;
      if (e < 0) continue;
      const auto from = visible_.begin() + first_[e];
      const auto after = std::upper_bound(from, visible_.begin() + first_[e + 1], times_ns[i]);
      if (after == from) continue;
      const int64_t row = winner_[after - visible_.begin() - 1];
      if (Visibility{times_ns[i], ttl_ns}.sees(event_[row], created_[row])) out[i] = row;
    }
  });
  return out;
}

/// One value a row, from the block that has it. Pieces start at multiples of 8, so
/// that threads never share a byte of the bitmap.
template <typename T>
Column HistoryIndex::gather_fixed(size_t feature, const DataType& type,
                                  const std::vector<int64_t>& rows) const {
  const auto count = static_cast<int64_t>(rows.size());
  Buffer values = Buffer::allocate(rows.size() * sizeof(T));
  Buffer validity = Buffer::zeros((rows.size() + 7) / 8);
  T* out = values.mutable_as<T>();
  parallel_for(count, kGrain, [&](int64_t begin, int64_t end) {
    size_t b = 0;
    for (int64_t i = begin; i < end; ++i) {
      out[i] = T{};
      const int64_t row = rows[i];
      if (row < 0) continue;
      b = block_of(row, b);
      const Column& column = blocks_[b].features[feature];
      if (!column.is_valid(row - starts_[b])) continue;
      out[i] = column.values<T>()[row - starts_[b]];
      set_bit(validity.mutable_data(), i);
    }
  });
  const bool full = count_bits(validity.data(), 0, count) == count;
  return Column(type, count, std::move(values), full ? Buffer() : std::move(validity));
}

size_t HistoryIndex::block_of(int64_t row, size_t guess) const {
  if (row >= starts_[guess] && row < starts_[guess + 1]) return guess;
  return std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin() - 1;
}

Column HistoryIndex::gather(size_t feature, const DataType& type,
                            const std::vector<int64_t>& rows) const {
  switch (byte_width(type.id)) {
    case 8:
      return gather_fixed<uint64_t>(feature, type, rows);
    case 4:
      return gather_fixed<uint32_t>(feature, type, rows);
    case 2:
      return gather_fixed<uint16_t>(feature, type, rows);
    case 1:
      return gather_fixed<uint8_t>(feature, type, rows);
    default:
      break;
  }
  ColumnBuilder out(type, static_cast<int64_t>(rows.size()));
  size_t b = 0;
  for (const int64_t row : rows) {
    if (row < 0) {
      out.add_null();
      continue;
    }
    b = block_of(row, b);
    out.add_from(blocks_[b].features[feature], row - starts_[b]);
  }
  return out.finish();
}

}  // namespace cne::feature
