#include "gbdt/partition.h"

#include <algorithm>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 32768;

/// Sorts one block's rows without a branch: left ones to the front of `to`, which has room for
/// `count`, right ones to its end, the last of them first. Returns how many went left. Both places
/// of a row are free until the last row, when they are one. `bin(i)` is that of row i of the block.
template <typename Bin>
int64_t part_rows(const Bin& bin, const SideOfBin& sides, const int32_t* rows, int64_t count,
                  int32_t* to) {
  int64_t lefts = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t side = sides[bin(i)];
    to[lefts] = rows[i];
    to[count - 1 - i + lefts] = rows[i];
    lefts += side;
  }
  return lefts;
}

int64_t partition_block(const BinColumn& column, const SideOfBin& sides, const int32_t* rows,
                        int64_t count, int32_t* to) {
  if (!column.is_listed()) {
    const uint8_t* bins = column.bins;
    return part_rows([=](int64_t i) { return bins[rows[i]]; }, sides, rows, count, to);
  }
  thread_local std::array<uint8_t, kBlock> bins;
  column.gather(rows, count, bins.data());
  return part_rows([](int64_t i) { return bins[i]; }, sides, rows, count, to);
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
  if (static_cast<int64_t>(scratch.rows.size()) < count)
    scratch.rows.resize(static_cast<size_t>(count));
  const int64_t blocks = (count + kBlock - 1) / kBlock;
  std::vector<int64_t> lefts(static_cast<size_t>(blocks));
  parallel_tasks(blocks, [&](int64_t b, int) {
    const int64_t begin = b * kBlock;
    lefts[b] = partition_block(column, sides, rows + begin, std::min(kBlock, count - begin),
                               scratch.rows.data() + begin);
  });
  std::vector<int64_t> left_at(static_cast<size_t>(blocks) + 1);
  for (int64_t b = 0; b < blocks; ++b) left_at[b + 1] = left_at[b] + lefts[b];
  const int64_t total = left_at[blocks];
  parallel_tasks(blocks, [&](int64_t b, int) {
    const int64_t begin = b * kBlock;
    const int64_t end = std::min(begin + kBlock, count);
    const int32_t* from = scratch.rows.data();
    std::copy_n(from + begin, lefts[b], rows + left_at[b]);
    std::reverse_copy(from + begin + lefts[b], from + end, rows + total + begin - left_at[b]);
  });
  return total;
}

}  // namespace cne::gbdt
