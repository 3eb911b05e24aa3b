#pragma once

#include <cstdint>
#include <vector>

namespace cne::gbdt {

/// Sorts numbers without NaN ascending (-0 before 0): least significant digit first, 11 bits at a
/// time, digits that are all alike skipped. Linear in their number.
void radix_sort(std::vector<float>& values);
void radix_sort(std::vector<double>& values);

}  // namespace cne::gbdt
