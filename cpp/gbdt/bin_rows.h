#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"

namespace cne::gbdt {

class BinMatrix;

// How large a group is at most: the sums of a dense one stay in the first-level cache, those of a
// sparse one in the second-level cache.
inline constexpr int kDenseGroup = 16;     // features
inline constexpr int kSparseGroup = 255;   // features,
inline constexpr int kSparseSlots = 8192;  // and slots
// Entries of a row that are stored side by side at most, and the slots behind a group's own that
// take what rows with fewer entries add instead: several, since one would be waited for.
inline constexpr int kEvenEntries = 8;
inline constexpr int kSpareSlots = 8;

/// Features [first, last) of a BinMatrix as a histogram pass reads them.
///
/// Dense: one byte a feature, side by side in each row. Sparse: for each row the slots, counted
/// from the group's first, of the features that are not in their common bin; what the common bins
/// hold is the rest. A one-hot group costs one entry a row, so that exclusive features need no
/// bundling. Where most rows have about as many entries, each has `even` of them, spare slots
/// included; else their number is looked up.
struct RowGroup {
  int first = 0;
  int last = 0;
  bool sparse = false;
  int64_t column = 0;           // dense: where its bytes begin in a row
  int even = 0;                 // sparse: row i has entries [i * even, (i + 1) * even), or, when 0,
  std::vector<uint32_t> begin;  // [begin[i], begin[i + 1])
  std::vector<uint16_t> entries;
};

/// A BinMatrix by rows, so that a pass over some rows reads one or two cache lines of each.
/// Immutable after construction.
class BinRows {
 public:
  BinRows() = default;
  /// The first `dense` features of `bins` one byte each, the others as lists without common[j].
  BinRows(const BinMatrix& bins, int dense, const std::vector<uint8_t>& common);

  const std::vector<RowGroup>& groups() const { return groups_; }
  const uint8_t* dense() const { return dense_.data(); }
  int64_t stride() const { return stride_; }
  /// The common bin of feature j; only sparse features have one.
  int common(int j) const { return common_[j]; }
  size_t bytes() const;

 private:
  void list_uncommon(const BinMatrix& bins, RowGroup& group);
  void fill_even(const BinMatrix& bins, RowGroup& group);

  std::vector<RowGroup> groups_;
  std::vector<uint8_t> common_;
  int64_t stride_ = 0;
  Buffer dense_;
};

/// All features of `bins` one byte each, row by row at `stride`: what a GPU reads.
Buffer dense_rows(const BinMatrix& bins, int features, int64_t stride);

}  // namespace cne::gbdt
