#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "gbdt/binned.h"

namespace cne::gbdt {

/// One way through rows that come in batches: the next batch, in whose memory the one before may
/// be; nothing after the last one.
using BatchReader = std::function<std::optional<FeatureMatrix>()>;

/// Begins a way through the rows, the same each time. Text becomes the codes of `levels`, or of the
/// batch's own texts where that is null.
using BatchSource = std::function<BatchReader(const std::vector<Levels>* levels)>;

/// Weights of rows, which are as many as the caller says; none where there is no data.
struct RowWeights {
  const double* data = nullptr;
  int64_t count = 0;
};

/// bin_rows, with the same bits, of rows that are never together in memory: what is held is the
/// bins, a sample and one batch. Goes through the batches three times: what there is, the sample
/// that bins are found from, the rows. `categorical` are numbers of features; text is categorical.
/// Throws ShapeError and ArgumentError for batches of other columns than the first one, and where
/// the rows are not the same number each time.
Binned bin_batches(const BatchSource& source, const std::vector<int64_t>& categorical,
                   const RowWeights& weight, const BinOptions& options, const Model* start);

/// 1 for each feature that holds categories: those named, and text. Throws ArgumentError naming
/// `function` for numbers of no feature.
std::vector<uint8_t> categorical_flags(const std::vector<Levels>& levels, int width,
                                       const std::vector<int64_t>& categorical,
                                       const char* function);

}  // namespace cne::gbdt
