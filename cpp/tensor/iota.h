#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// out[i] = i[axis]: numbers from 0 on along one axis, the same along all others. A view: it has
/// memory for one line of the axis. Throws TypeError for bool, ArgumentError for an axis that is
/// not there.
Array iota(const Type& type, int64_t axis);

/// out[i] = first + i * step, computed as float64, or of integers modulo 2^64, and then cast.
///
/// `first` and `step` are single elements of float64, int64 or uint64, both floats or neither.
Array arange(Element element, int64_t count, const Array& first, const Array& step);

/// out[i] = (1 - s) first + s last with s = i / parts, computed as float64, so that both ends are
/// exact; rounded down for integers. Not for complex numbers.
Array linspace(Element element, int64_t count, double first, double last, int64_t parts);

}  // namespace cne::tensor
