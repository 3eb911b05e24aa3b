#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/kernel.h"

namespace cne::tensor {

/// Rows of a table by their numbers: out[i] = table[indices[i]], zeros for a number that is no row.
/// Block x does kRows rows of `width` float32; each element is read and written once.
struct GatherRows {
  static constexpr const char* kName = "embedding";
  static constexpr int kThreads = 256;
  static constexpr int64_t kRows = 8;
  const float* table;  // (rows, width)
  const int64_t* indices;
  float* out;  // (count, width)
  int64_t rows;
  int64_t width;
  int64_t count;

  Grid grid() const { return {(count + kRows - 1) / kRows, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const int64_t first = block.x() * kRows;
    const int64_t end = first + kRows < count ? first + kRows : count;
    block.each([&](int t) {
      for (int64_t place = first * width + t; place < end * width; place += kThreads) {
        const int64_t from = indices[place / width];
        const bool is_row = from >= 0 && from < rows;
        out[place] = is_row ? table[from * width + place % width] : 0.0F;
      }
    });
  }
};

/// Which places name each row of a table: place `order[k]` for k from starts[j] to starts[j + 1]
/// names `rows[j]`, in rising order. Numbers that are no row are left out.
struct RowSegments {
  std::vector<int64_t> rows;
  std::vector<int64_t> starts;
  std::vector<int64_t> order;
};
RowSegments row_segments(std::span<const int64_t> indices, int64_t table_rows);

/// The derivative of GatherRows: what several places give to one row is added in the order of the
/// places, as float64, and rounded once, so it does not depend on which block comes first; rows
/// that nobody names are left as they are. Block (x, y) does columns y kThreads... of segment x.
struct ScatterRows {
  static constexpr const char* kName = "embedding: derivative";
  static constexpr int kThreads = 128;
  const float* gradient;  // (count, width)
  const int64_t* segment_rows;
  const int64_t* starts;
  const int64_t* order;
  float* table;  // (rows, width)
  int64_t width;
  int64_t segments;

  Grid grid() const { return {segments, (width + kThreads - 1) / kThreads}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const int64_t segment = block.x();
    const int64_t row = segment_rows[segment];
    block.each([&](int t) {
      const int64_t column = block.y() * kThreads + t;
      if (column >= width) return;
      double sum = table[row * width + column];
      for (int64_t k = starts[segment]; k < starts[segment + 1]; ++k)
        sum += gradient[order[k] * width + column];
      table[row * width + column] = static_cast<float>(sum);
    });
  }
};

}  // namespace cne::tensor
