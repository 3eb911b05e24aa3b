#pragma once

#include "gbdt/binned.h"
#include "gbdt/shard.h"

namespace cne::gbdt {

/// Bins the rows of this worker as bin_checked_rows would bin the rows of all workers together.
/// `weight` is that of all rows, or null.
Binned bin_shared_rows(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                       const double* weight, const BinOptions& options, const Model* start,
                       const Shard& shard, const char* function);

/// The texts of each feature over all workers, from those of each worker's own rows.
std::vector<Levels> join_levels(Communicator& group, const std::vector<Levels>& own);

}  // namespace cne::gbdt
