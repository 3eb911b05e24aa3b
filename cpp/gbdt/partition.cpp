#include "gbdt/partition.h"

#include <algorithm>
#include <cstring>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 32768;

/// Sorts one block's rows into two arrays without a branch; returns the length of the left one.
/// Each array needs room for `count` rows; `bin(i)` is that of row i of the block.
template <typename Bin>
int64_t part_rows(const Bin& bin, const SideOfBin& sides, const int32_t* rows, int64_t count,
                  int32_t* left, int32_t* right) {
  int64_t lefts = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t side = sides[bin(i)];
    left[lefts] = rows[i];
    right[i - lefts] = rows[i];
    lefts += side;
  }
  return lefts;
}

int64_t partition_block(const BinColumn& column, const SideOfBin& sides, const int32_t* rows,
                        int64_t count, int32_t* left, int32_t* right) {
  if (!column.is_listed()) {
    const uint8_t* bins = column.bins;
    return part_rows([=](int64_t i) { return bins[rows[i]]; }, sides, rows, count, left, right);
  }
  thread_local std::array<uint8_t, kBlock> bins;
  column.gather(rows, count, bins.data());
  return part_rows([](int64_t i) { return bins[i]; }, sides, rows, count, left, right);
}

}  // namespace

SideOfBin sides_of(const Split& split, const FeatureBins& bins) {
  SideOfBin sides{};
  for (int b = 0; b < bins.count(); ++b)
    sides[b] = split.categorical ? contains(split.left_bins, b) : b <= split.bin;
  sides[bins.missing_bin()] = split.missing_left;
  return sides;
}

int64_t partition(const BinColumn& column, const SideOfBin& sides, int32_t* rows, int64_t count,
                  PartitionScratch& scratch) {
  if (static_cast<int64_t>(scratch.left.size()) < count) {
    scratch.left.resize(static_cast<size_t>(count));
    scratch.right.resize(static_cast<size_t>(count));
  }
  const int64_t blocks = (count + kBlock - 1) / kBlock;
  std::vector<int64_t> lefts(static_cast<size_t>(blocks));
  parallel_tasks(blocks, [&](int64_t b, int) {
    const int64_t begin = b * kBlock;
    lefts[b] = partition_block(column, sides, rows + begin, std::min(kBlock, count - begin),
                               scratch.left.data() + begin, scratch.right.data() + begin);
  });
  std::vector<int64_t> left_at(static_cast<size_t>(blocks) + 1);
  for (int64_t b = 0; b < blocks; ++b) left_at[b + 1] = left_at[b] + lefts[b];
  const int64_t total = left_at[blocks];
  parallel_tasks(blocks, [&](int64_t b, int) {
    const int64_t begin = b * kBlock;
    const int64_t rights = std::min(kBlock, count - begin) - lefts[b];
    const auto bytes = [](int64_t n) { return static_cast<size_t>(n) * sizeof(int32_t); };
    std::memcpy(rows + left_at[b], scratch.left.data() + begin, bytes(lefts[b]));
    std::memcpy(rows + total + begin - left_at[b], scratch.right.data() + begin, bytes(rights));
  });
  return total;
}

}  // namespace cne::gbdt
