#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// The value as a constant: derivatives end here.
Value stop_gradient(const Value& value);

extern const Primitive kStopGradient;

}  // namespace cne::tensor
