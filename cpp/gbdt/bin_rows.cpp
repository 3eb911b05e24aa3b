#include "gbdt/bin_rows.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"
#include "core/simd.h"
#include "gbdt/bin_matrix.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void count_uncommon(const uint8_t* column, int64_t rows, uint8_t common,
                                     uint8_t* counts) {
  for (int64_t i = 0; i < rows; ++i) counts[i] += column[i] != common;
}

}  // namespace kernels

namespace {

constexpr int64_t kBlock = 4096;  // rows
constexpr int64_t kSide = 64;     // of the squares that are transposed in the first-level cache

static_assert(kSparseGroup <= 255, "a row's entries are counted in one byte");
static_assert(kSparseGroup * 256 + kSpareSlots <= std::numeric_limits<uint16_t>::max() + 1);

/// Cuts features [first, last) into groups of even size, at most `most` each.
void cut_groups(int first, int last, int most, bool sparse, std::vector<RowGroup>& out) {
  const int count = last - first;
  const int groups = (count + most - 1) / most;
  for (int g = 0; g < groups; ++g) {
    RowGroup group;
    group.first = first + static_cast<int>(static_cast<int64_t>(count) * g / groups);
    group.last = first + static_cast<int>(static_cast<int64_t>(count) * (g + 1) / groups);
    group.sparse = sparse;
    group.column = group.first - first;
    out.push_back(std::move(group));
  }
}

/// Whether `most` entries for every row are cheap: about as many bytes as with their numbers.
bool are_even(int most, int64_t rows, int64_t total) {
  return most >= 1 && most <= kEvenEntries && most * rows <= 2 * total + 2 * rows;
}

}  // namespace

Buffer dense_rows(const BinMatrix& bins, int features, int64_t stride) {
  Buffer out = Buffer::zeros(static_cast<size_t>(bins.rows() * stride));
  uint8_t* bytes = out.mutable_data();
  parallel_for(bins.rows(), kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i0 = begin; i0 < end; i0 += kSide)
      for (int j0 = 0; j0 < features; j0 += kSide) {
        const int64_t i1 = std::min(end, i0 + kSide);
        const int j1 = std::min<int>(features, j0 + kSide);
        for (int j = j0; j < j1; ++j) {
          const uint8_t* column = bins.column(j);
          for (int64_t i = i0; i < i1; ++i) bytes[i * stride + j] = column[i];
        }
      }
  });
  return out;
}

BinRows::BinRows(const BinMatrix& bins, int dense, const std::vector<uint8_t>& common)
    : common_(common), stride_((dense + 3) / 4 * 4) {
  cut_groups(0, dense, kDenseGroup, false, groups_);
  cut_groups(dense, bins.width(), kSparseGroup, true, groups_);
  dense_ = dense_rows(bins, dense, stride_);
  for (RowGroup& group : groups_)
    if (group.sparse) list_uncommon(bins, group);
}

size_t BinRows::bytes() const {
  size_t out = dense_.size();
  for (const RowGroup& group : groups_)
    out += group.begin.size() * sizeof(uint32_t) + group.entries.size() * sizeof(uint16_t);
  return out;
}

/// Twice over the columns, by blocks of rows: counts, then entries.
void BinRows::list_uncommon(const BinMatrix& bins, RowGroup& group) {
  const int64_t rows = bins.rows();
  const int64_t blocks = (rows + kBlock - 1) / kBlock;
  group.begin.resize(static_cast<size_t>(rows) + 1);
  std::vector<int64_t> totals(static_cast<size_t>(blocks) + 1);
  std::vector<int> most(static_cast<size_t>(blocks));
  parallel_tasks(blocks, [&](int64_t block, int) {
    const int64_t begin = block * kBlock;
    const int64_t count = std::min(kBlock, rows - begin);
    std::array<uint8_t, kBlock> counts{};
    for (int j = group.first; j < group.last; ++j)
      kernels::count_uncommon(bins.column(j) + begin, count, common_[j], counts.data());
    uint32_t total = 0;
    for (int64_t i = 0; i < count; ++i) {
      group.begin[begin + i] = total;
      total += counts[i];
      most[block] = std::max<int>(most[block], counts[i]);
    }
    totals[block + 1] = total;
  });
  for (int64_t b = 0; b < blocks; ++b) totals[b + 1] += totals[b];
  if (totals[blocks] > std::numeric_limits<uint32_t>::max())
    throw ArgumentError("train: expected fewer than 2^32 values in 32 sparse features");
  group.begin[rows] = static_cast<uint32_t>(totals[blocks]);
  const int even = blocks > 0 ? *std::max_element(most.begin(), most.end()) : 0;
  if (are_even(even, rows, totals[blocks])) {
    group.even = even;
    group.begin = {};
    fill_even(bins, group);
    return;
  }
  group.entries.resize(static_cast<size_t>(totals[blocks]));
  parallel_tasks(blocks, [&](int64_t block, int) {
    const int64_t begin = block * kBlock;
    const int64_t end = std::min(rows, begin + kBlock);
    std::array<uint32_t, kBlock> at;
    for (int64_t i = begin; i < end; ++i) {
      group.begin[i] += static_cast<uint32_t>(totals[block]);
      at[i - begin] = group.begin[i];
    }
    for (int j = group.first; j < group.last; ++j) {
      const uint8_t* column = bins.column(j);
      const int slot = bins.slot(j) - bins.slot(group.first);
      for (int64_t i = begin; i < end; ++i)
        if (column[i] != common_[j])
          group.entries[at[i - begin]++] = static_cast<uint16_t>(slot + column[i]);
    }
  });
}

/// Rows of `even` entries each; spare slots where a row has fewer.
void BinRows::fill_even(const BinMatrix& bins, RowGroup& group) {
  const int64_t rows = bins.rows();
  const int spare = bins.slot(group.last) - bins.slot(group.first);
  group.entries.resize(static_cast<size_t>(rows * group.even));
  parallel_for(rows, kBlock, [&](int64_t first, int64_t end) {
    for (int64_t begin = first; begin < end; begin += kBlock) {
      const int64_t stop = std::min(end, begin + kBlock);
      for (int64_t i = begin; i < stop; ++i)
        std::fill_n(group.entries.begin() + i * group.even, group.even,
                    static_cast<uint16_t>(spare + i % kSpareSlots));
      std::array<uint8_t, kBlock> used{};
      for (int j = group.first; j < group.last; ++j) {
        const uint8_t* column = bins.column(j);
        const int slot = bins.slot(j) - bins.slot(group.first);
        for (int64_t i = begin; i < stop; ++i)
          if (column[i] != common_[j])
            group.entries[i * group.even + used[i - begin]++] =
                static_cast<uint16_t>(slot + column[i]);
      }
    }
  });
}

}  // namespace cne::gbdt
