#pragma once

#include <vector>

#include "gbdt/binned.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Throws ArgumentError or ShapeError naming `function` where rows of such features cannot go on
/// from `start`: other features, or ways to read numbers that bins do not have.
void check_start_features(const Model& start, const InputFeatures& features, const char* function);

/// Throws ArgumentError naming `function` where a training cannot go on from `start`: another
/// objective or other outputs.
void check_start(const Model& start, const TrainOptions& options, const char* function);

/// Adds the categories that `start` knows to the bins of its features. Throws UnsupportedError for
/// more than 254 of them.
void add_categories(const Model& start, std::vector<FeatureBins>& bins, const char* function);

/// The trees of `start` with the category numbers of `features`, which know all of its categories:
/// new ones go where `start` sends categories that it does not know.
std::vector<Tree> renumber_categories(const Model& start, const std::vector<FeatureInfo>& features);

}  // namespace cne::gbdt
