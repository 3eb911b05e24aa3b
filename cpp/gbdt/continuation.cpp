#include "gbdt/continuation.h"

#include <algorithm>

#include "core/error.h"

namespace cne::gbdt {

namespace {

template <typename... Parts>
[[noreturn]] void refuse(const char* function, const Parts&... what) {
  throw ArgumentError(message(function, ": cannot go on from the given model: ", what...));
}

}  // namespace

void check_start_features(const Model& start, const InputFeatures& features, const char* function) {
  const auto width = static_cast<int>(start.features.size());
  if (width != features.width())
    throw ShapeError(message(function, ": expected the ", width,
                             " features of the model to go on from, got ", features.width()));
  if (!start.derived.empty()) refuse(function, "it looks features up in tables");
  for (int f = 0; f < width; ++f) {
    const FeatureInfo& before = start.features[f];
    const FeatureInfo& now = features.infos[f];
    if (before.categorical != now.categorical)
      refuse(function, "feature ", f, before.categorical ? " holds" : " does not hold",
             " categories there");
    if (before.zero_is_missing)
      refuse(function, "zeros of feature ", f, " are missing values there");
    if (start.float32_inputs && !features.fits_float32[f])
      refuse(function, "it reads 32-bit numbers, and feature ", f, " has 64-bit ones");
    if (!now.levels.empty() && now.levels != before.levels)
      refuse(function, "feature ", f, " has other texts as categories");
  }
}

void check_start(const Model& start, const TrainOptions& options, const char* function) {
  const ObjectiveOptions& objective = options.objective;
  if (start.objective.kind != objective.kind)
    refuse(function, "its objective is \"", objective_name(start.objective.kind), "\", not \"",
           objective_name(objective.kind), "\"");
  if (start.outputs() != output_count(objective))
    refuse(function, "it has ", start.outputs(), " outputs, not ", output_count(objective));
  if (start.objective.sigmoid != objective.sigmoid)
    refuse(function, "its sigmoid is ", start.objective.sigmoid, ", not ", objective.sigmoid);
  const bool levels =
      objective.kind == Objective::kQuantile || objective.kind == Objective::kExpectile;
  if (levels && start.objective.quantiles != objective.quantiles)
    refuse(function, "it has other quantiles");
  const bool together = options.multi_strategy == MultiStrategy::kMultiOutputTree;
  const int outputs = start.outputs();
  for (const Tree& tree : start.trees)
    if (tree.width != (together ? outputs : 1))
      refuse(function, "its trees have ", tree.width,
             " outputs, which multi_strategy does not grow");
  if (!together && start.trees.size() % static_cast<size_t>(outputs) != 0)
    refuse(function, "its ", start.trees.size(), " trees are no rounds of ", outputs, " outputs");
}

void add_categories(const Model& start, std::vector<FeatureBins>& bins, const char* function) {
  constexpr size_t kMost = 254;
  for (size_t f = 0; f < bins.size(); ++f) {
    if (!bins[f].categorical) continue;
    const std::vector<double>& known = start.features[f].categories;
    std::vector<double> all;
    std::set_union(known.begin(), known.end(), bins[f].bounds.begin(), bins[f].bounds.end(),
                   std::back_inserter(all));
    if (all.size() > kMost)
      throw UnsupportedError(message(function, ": expected at most ", kMost,
                                     " categories in feature ", f,
                                     " together with the model to go on from, got ", all.size()));
    bins[f].bounds = std::move(all);
  }
}

std::vector<Tree> renumber_categories(const Model& start,
                                      const std::vector<FeatureInfo>& features) {
  std::vector<Tree> out = start.trees;
  for (Tree& tree : out) {
    for (const TreeNode& node : tree.nodes) {
      if (node.category_set < 0) continue;
      const std::vector<double>& before = start.features[node.feature].categories;
      const std::vector<double>& after = features[node.feature].categories;
      if (before == after) continue;
      CategorySet& set = tree.category_sets[node.category_set];
      CategorySet renumbered;
      for (size_t c = 0; c < after.size(); ++c) {
        const auto at = std::lower_bound(before.begin(), before.end(), after[c]);
        const bool known = at != before.end() && *at == after[c];
        if (known ? contains(set, at - before.begin()) : node.unknown_left)
          insert(renumbered, static_cast<int64_t>(c));
      }
      set = std::move(renumbered);
    }
  }
  return out;
}

}  // namespace cne::gbdt
