#include "frame/filter.h"

#include <algorithm>
#include <bit>

#include "frame/bits.h"
#include "frame/gather.h"

namespace cne::frame {

std::vector<int64_t> selected_rows(const Column& mask) {
  const int64_t n = mask.length();
  std::vector<int64_t> rows(static_cast<size_t>(n));
  int64_t* out = rows.data();
  for (int64_t at = 0; at < n; at += 64) {
    const int64_t count = std::min<int64_t>(64, n - at);
    uint64_t word = value_bits(mask, at, count) & valid_bits(mask, at, count);
    for (; word != 0; word &= word - 1) *out++ = at + std::countr_zero(word);
  }
  rows.resize(static_cast<size_t>(out - rows.data()));
  return rows;
}

Table filter(const Table& table, const Column& mask) {
  const std::vector<int64_t> rows = selected_rows(mask);
  const auto n = static_cast<int64_t>(rows.size());
  return n == table.rows() ? table : gather(table, rows.data(), n);
}

}  // namespace cne::frame
