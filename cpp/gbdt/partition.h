#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gbdt/bin_column.h"
#include "gbdt/split.h"

namespace cne::gbdt {

/// Which side each bin goes to: 1 is left.
using SideOfBin = std::array<uint8_t, 256>;
SideOfBin sides_of(const Split& split, const FeatureBins& bins);

/// Memory that partitions reuse: of each block its left rows, and from its end on backwards its
/// right ones.
struct PartitionScratch {
  std::vector<int32_t> rows;
};

/// Reorders `rows[0, count)`, which ascend, so that those whose bin in `column` goes left come
/// first; both sides keep their order, whatever the number of threads. Returns how many went left.
int64_t partition(const BinColumn& column, const SideOfBin& sides, int32_t* rows, int64_t count,
                  PartitionScratch& scratch);

}  // namespace cne::gbdt
