#include "gbdt/constraints.h"

#include <algorithm>
#include <cmath>

#include "gbdt/objective_math.h"

namespace cne::gbdt {

std::pair<ValueBounds, ValueBounds> child_bounds(const ValueBounds& parent, int direction,
                                                 double left, double right) {
  std::pair<ValueBounds, ValueBounds> out{parent, parent};
  if (direction == 0) return out;
  const double middle = left + (right - left) / 2;
  ValueBounds& low = direction > 0 ? out.first : out.second;
  ValueBounds& high = direction > 0 ? out.second : out.first;
  low.upper = std::min(low.upper, middle);
  high.lower = std::max(high.lower, middle);
  return out;
}

double monotone_factor(double penalty, int depth) {
  if (penalty <= 0) return 1.0;
  if (penalty >= depth + 1) return 0.0;
  if (penalty <= 1) return 1.0 - penalty / std::ldexp(1.0, depth);
  return 1.0 - exp_exact((penalty - 1 - depth) * 0.6931471805599453);  // a power of 2
}

InteractionSets::InteractionSets(const std::vector<std::vector<int32_t>>& sets, int features)
    : features_(features) {
  for (const std::vector<int32_t>& set : sets) {
    sets_.emplace_back(static_cast<size_t>(features));
    for (const int32_t feature : set) sets_.back()[feature] = 1;
  }
}

std::vector<uint8_t> InteractionSets::allowed(const std::vector<int>& path) const {
  std::vector<uint8_t> out(static_cast<size_t>(features_), sets_.empty());
  for (const std::vector<uint8_t>& set : sets_) {
    if (!std::all_of(path.begin(), path.end(), [&](int feature) { return set[feature] != 0; }))
      continue;
    for (int f = 0; f < features_; ++f) out[f] |= set[f];
  }
  return out;
}

}  // namespace cne::gbdt
