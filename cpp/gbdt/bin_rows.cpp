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
static_assert(kSparseSlots >= 256 &&
              kSparseSlots + kSpareSlots <= std::numeric_limits<uint16_t>::max() + 1);

/// Cuts dense features into groups of even size.
void cut_dense(int count, std::vector<RowGroup>& out) {
  const int groups = (count + kDenseGroup - 1) / kDenseGroup;
  for (int g = 0; g < groups; ++g) {
    RowGroup group;
    group.first = static_cast<int>(static_cast<int64_t>(count) * g / groups);
    group.last = static_cast<int>(static_cast<int64_t>(count) * (g + 1) / groups);
    group.column = group.first;
    out.push_back(std::move(group));
  }
}

/// Whether `most` entries for every row are cheap: about as many bytes as with their numbers.
bool are_even(int most, int64_t rows, int64_t total) {
  return most >= 1 && most <= kEvenEntries && most * rows <= 2 * total + 2 * rows;
}

/// Cuts sparse features into groups whose sums stay close, and whose entries 32 bits count.
void cut_sparse(const BinMatrix& bins, int first, std::vector<RowGroup>& out) {
  constexpr int64_t kCounts = std::numeric_limits<uint32_t>::max();
  const int64_t most =
      std::clamp<int64_t>(kCounts / std::max<int64_t>(1, bins.rows()), kDenseGroup, kSparseGroup);
  for (int last = first; first < bins.width(); first = last) {
    while (last < bins.width() && last - first < most &&
           bins.slot(last + 1) - bins.slot(first) <= kSparseSlots)
      ++last;
    RowGroup group;
    group.first = first;
    group.last = last;
    group.sparse = true;
    out.push_back(std::move(group));
  }
}

/// Where the bytes of feature j in rows [begin, begin + count) are; read into `room` if listed.
const uint8_t* bytes_in(const BinColumn& column, int64_t begin, int64_t count, uint8_t* room) {
  if (!column.is_listed()) return column.bins + begin;
  column.read(begin, count, room);
  return room;
}

/// Calls visit(row, bin) for the rows of [begin, end) that are not in the common bin.
template <typename Visit>
void visit_uncommon(const BinColumn& column, uint8_t common, int64_t begin, int64_t end,
                    const Visit& visit) {
  if (column.is_listed()) {
    for (int64_t k = column.first_from(begin); k < column.listed && column.rows[k] < end; ++k)
      visit(column.rows[k], column.bins[k]);
    return;
  }
  for (int64_t i = begin; i < end; ++i)
    if (column.bins[i] != common) visit(i, column.bins[i]);
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
          std::array<uint8_t, kSide> room;
          const uint8_t* column = bytes_in(bins.column(j), i0, i1 - i0, room.data());
          for (int64_t i = i0; i < i1; ++i) bytes[i * stride + j] = column[i - i0];
        }
      }
  });
  return out;
}

BinRows::BinRows(const BinMatrix& bins, int dense, const std::vector<uint8_t>& common)
    : common_(common), stride_((dense + 3) / 4 * 4) {
  cut_dense(dense, groups_);
  cut_sparse(bins, dense, groups_);
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
    for (int j = group.first; j < group.last; ++j) {
      const BinColumn column = bins.column(j);
      if (!column.is_listed())
        kernels::count_uncommon(column.bins + begin, count, common_[j], counts.data());
      else
        visit_uncommon(column, common_[j], begin, begin + count,
                       [&](int64_t row, uint8_t) { ++counts[row - begin]; });
    }
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
    throw ArgumentError("train: expected fewer than 2^32 values in a group of sparse features");
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
      const int slot = bins.slot(j) - bins.slot(group.first);
      visit_uncommon(bins.column(j), common_[j], begin, end, [&](int64_t row, uint8_t bin) {
        group.entries[at[row - begin]++] = static_cast<uint16_t>(slot + bin);
      });
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
        const int slot = bins.slot(j) - bins.slot(group.first);
        visit_uncommon(bins.column(j), common_[j], begin, stop, [&](int64_t row, uint8_t bin) {
          group.entries[row * group.even + used[row - begin]++] = static_cast<uint16_t>(slot + bin);
        });
      }
    }
  });
}

}  // namespace cne::gbdt
