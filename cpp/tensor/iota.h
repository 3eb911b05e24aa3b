#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// out[i] = i[axis]: numbers from 0 on along one axis, the same along all others. A view: it has
/// memory for one line of the axis. Throws TypeError for bool, ArgumentError for an axis that is
/// not there.
Array iota(const Type& type, int64_t axis);

}  // namespace cne::tensor
