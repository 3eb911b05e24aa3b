// Values that leaves of a tree bound each other by (MonotoneMethod::kIntermediate).

#include <algorithm>

#include "gbdt/grower.h"

namespace cne::gbdt {

ValueBounds Grower::bounds_by_neighbours(int number) const {
  ValueBounds out;
  for (const auto& [leaf, feature] : order_->below(number))
    out.lower = std::max(out.lower, leaves_[leaf].values[0]);
  for (const auto& [leaf, feature] : order_->above(number))
    out.upper = std::min(out.upper, leaves_[leaf].values[0]);
  return out;
}

/// Leaves `number` and `right` have just come from a cut: gives them and those that they bound
/// their bounds. Returns the others whose split was found under other bounds, ascending.
///
/// A leaf is cut under its bounds of that moment, so its children stay between their neighbours'
/// values, and no order between two leaves is ever broken.
std::vector<int> Grower::update_bounds(int number, int right) {
  std::vector<int> met{number, right};
  for (const int child : {number, right})
    for (const auto* list : {&order_->below(child), &order_->above(child)})
      for (const auto& [leaf, feature] : *list) met.push_back(leaf);
  std::sort(met.begin(), met.end());
  met.erase(std::unique(met.begin(), met.end()), met.end());
  std::vector<int> stale;
  for (const int at : met) {
    Leaf& leaf = leaves_[at];
    const ValueBounds now = bounds_by_neighbours(at);
    if (now == leaf.bounds) continue;
    leaf.bounds = now;
    if (at != number && at != right && leaf.split.found()) stale.push_back(at);
  }
  return stale;
}

/// Searches the splits of some leaves again.
void Grower::find_again(const Tree& tree, const std::vector<int>& numbers) {
  for (const int number : numbers) {
    Leaf& leaf = leaves_[number];
    leaf.split = {};
    finder_.find({&leaf}, nullptr, path_of(tree, leaf));
    if (!leaf.split.found()) give_back(std::move(leaf.histogram));
  }
}

}  // namespace cne::gbdt
