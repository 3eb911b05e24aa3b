#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/gradient.h"

namespace cne::gbdt {

/// Multiplies the gradients of `rows` by weights[row]. Where a product leaves 2^30, all lose low
/// bits and the unit grows by the same power of two, so that sums keep their room. Returns the
/// units.
GradientUnits reweigh(const std::vector<int32_t>& rows, const std::vector<float>& weights,
                      GradientUnits units, std::vector<Gradient>& gradients);

/// The k-th largest of `keys` (not negative), k from 1 to their number.
float kth_largest(const std::vector<float>& keys, int64_t k);

/// The mu with sum of min(1, key / mu) = `wanted` (to about 1 %): the chances of MVS. 0 where all
/// rows are wanted.
double mvs_threshold(const std::vector<float>& keys, double wanted);

}  // namespace cne::gbdt
