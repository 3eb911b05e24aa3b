#pragma once

#include <span>

#include "tensor/indexing.h"

namespace cne::tensor {

/// Where indices lead: the element of the operand is `step * numbers[i]` elements behind its first.
struct Places {
  /// The number of an index that leads nowhere (kSkip).
  static constexpr int64_t kNowhere = INT64_MIN;

  Array numbers;  // int32 or int64, by the axes of the indices
  int64_t step = 1;
  bool may_skip = false;
};

/// Checks indices of an operand, or clips them. One array of indices that are all within bounds is
/// taken as it is. Throws ArgumentError naming `function` for one out of bounds.
Places places_of(const Array& operand, std::span<const Array> indices, const Dims& indexed,
                 IndexMode mode, const char* function);

}  // namespace cne::tensor
