#pragma once

#include <utility>
#include <vector>

namespace cne::gbdt {

/// A value and its weight.
using Weighted = std::pair<double, double>;

/// A value that minimises the pinball loss of share `alpha` over the values, which are put in
/// order: the first one whose weights up to it reach `alpha` of all; where they are just that, the
/// middle between it and the next. 0 for no values.
double weighted_percentile(std::vector<Weighted>& values, double alpha);

}  // namespace cne::gbdt
