#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cne::gbdt {

/// The bins of one feature of a BinMatrix: one byte a row, or those of the rows that are not in its
/// common bin, listed. A view.
struct BinColumn {
  const uint8_t* bins = nullptr;  // of all rows; of the listed ones
  const int32_t* rows = nullptr;  // those listed, ascending; null: a byte for every row
  int64_t listed = 0;
  uint8_t common = 0;

  bool is_listed() const { return rows != nullptr; }
  /// The first listed row >= `row`.
  int64_t first_from(int64_t row) const;
  /// The bins of rows [first, first + count) into `out`.
  void read(int64_t first, int64_t count, uint8_t* out) const;
  /// The bins of some rows, ascending, into `out`.
  void gather(const int32_t* ascending, int64_t count, uint8_t* out) const;
};

/// The rows of a feature that are not in its common bin, and what they are in.
struct ListedBins {
  std::vector<int32_t> rows{};
  std::vector<uint8_t> bins{};

  /// Adds those of `count` rows from `first` on.
  void add(const uint8_t* found, int64_t count, int64_t first, uint8_t common);
  void shrink();
  size_t bytes() const { return rows.size() * (sizeof(int32_t) + 1); }
  /// A view, also of no rows.
  BinColumn view(uint8_t common) const;
};

}  // namespace cne::gbdt
