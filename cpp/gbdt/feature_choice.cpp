#include "gbdt/feature_choice.h"

#include <algorithm>
#include <cmath>

#include "gbdt/random_unit.h"

namespace cne::gbdt {

std::vector<uint8_t> sample_features(const std::vector<uint8_t>& use, double share, uint64_t key) {
  if (share >= 1) return use;
  std::vector<std::pair<double, size_t>> order;
  for (size_t j = 0; j < use.size(); ++j)
    if (use[j]) order.emplace_back(random_unit(key, j), j);
  std::sort(order.begin(), order.end());
  const double wanted = std::ceil(share * static_cast<double>(order.size()));
  std::vector<uint8_t> out(use.size());
  for (size_t i = 0; i < order.size() && static_cast<double>(i) < std::max(1.0, wanted); ++i)
    out[order[i].second] = 1;
  return out;
}

FeatureChoice::FeatureChoice(const BinMatrix& bins, const GrowOptions& options, uint64_t seed)
    : bins_(bins),
      by_level_(options.colsample_bylevel),
      by_node_(options.colsample_bynode),
      seed_(seed),
      sets_(options.interaction_constraints, bins.features()) {}

void FeatureChoice::begin(const std::vector<uint8_t>& use, uint64_t tree) {
  use_ = use;
  tree_ = tree;
}

std::vector<uint8_t> FeatureChoice::of_leaf(int depth, uint64_t leaf,
                                            const std::vector<int>& path) const {
  std::vector<uint8_t> out =
      sample_features(use_, by_level_,
                      random_key(seed_, Draw::kLevelFeatures, tree_, static_cast<uint64_t>(depth)));
  if (!sets_.empty()) {
    const std::vector<uint8_t> allowed = sets_.allowed(path);
    for (size_t j = 0; j < out.size(); ++j) out[j] &= allowed[bins_.feature(static_cast<int>(j))];
  }
  return sample_features(out, by_node_, random_key(seed_, Draw::kNodeFeatures, tree_, leaf));
}

}  // namespace cne::gbdt
