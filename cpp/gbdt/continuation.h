#pragma once

#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/booster.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Throws ArgumentError or ShapeError naming `function` where training on `x` cannot go on from
/// `start`: other features, objective or outputs, or ways to read numbers that bins do not have.
void check_start(const Model& start, const FeatureMatrix& x, const TrainOptions& options,
                 const std::vector<uint8_t>& categorical, const char* function);

/// Adds the categories that `start` knows to the bins of its features. Throws UnsupportedError for
/// more than 254 of them.
void add_categories(const Model& start, std::vector<FeatureBins>& bins, const char* function);

/// The trees of `start` with the category numbers of `features`, which know all of its categories:
/// new ones go where `start` sends categories that it does not know.
std::vector<Tree> renumber_categories(const Model& start, const std::vector<FeatureInfo>& features);

}  // namespace cne::gbdt
