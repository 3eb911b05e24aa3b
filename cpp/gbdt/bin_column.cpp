#include "gbdt/bin_column.h"

#include <algorithm>
#include <cstring>

namespace cne::gbdt {

namespace {

constexpr int32_t kNoRow = 0;
constexpr int64_t kFar = 16;  // so many times fewer are searched for one by one

}  // namespace

int64_t BinColumn::first_from(int64_t row) const {
  return std::lower_bound(rows, rows + listed, row) - rows;
}

void BinColumn::read(int64_t first, int64_t count, uint8_t* out) const {
  if (!is_listed()) {
    std::memcpy(out, bins + first, static_cast<size_t>(count));
    return;
  }
  std::memset(out, common, static_cast<size_t>(count));
  for (int64_t k = first_from(first); k < listed && rows[k] < first + count; ++k)
    out[rows[k] - first] = bins[k];
}

void BinColumn::gather(const int32_t* ascending, int64_t count, uint8_t* out) const {
  if (!is_listed()) {
    for (int64_t i = 0; i < count; ++i) out[i] = bins[ascending[i]];
    return;
  }
  if (count == 0) return;  // `out` may be null
  std::memset(out, common, static_cast<size_t>(count));
  const int32_t* at = rows + first_from(ascending[0]);
  const int32_t* const end = rows + first_from(int64_t{ascending[count - 1]} + 1);
  if (end - at > kFar * count) {
    for (int64_t i = 0; i < count && at < end; ++i) {
      at = std::lower_bound(at, end, ascending[i]);
      if (at < end && *at == ascending[i]) out[i] = bins[at - rows];
    }
    return;
  }
  const int32_t* row = ascending;
  const int32_t* const last = ascending + count;
  const bool few = (end - at) * kFar < count;
  for (; at < end; ++at) {
    if (few)
      row = std::lower_bound(row, last, *at);
    else
      while (*row < *at) ++row;  // the last row is not below any that is left
    if (*row == *at) out[row - ascending] = bins[at - rows];
  }
}

void ListedBins::add(const uint8_t* found, int64_t count, int64_t first, uint8_t common) {
  for (int64_t i = 0; i < count; ++i) {
    if (found[i] == common) continue;
    rows.push_back(static_cast<int32_t>(first + i));
    bins.push_back(found[i]);
  }
}

void ListedBins::shrink() {
  rows.shrink_to_fit();
  bins.shrink_to_fit();
}

BinColumn ListedBins::view(uint8_t common) const {
  return {bins.data(), rows.empty() ? &kNoRow : rows.data(), static_cast<int64_t>(rows.size()),
          common};
}

}  // namespace cne::gbdt
