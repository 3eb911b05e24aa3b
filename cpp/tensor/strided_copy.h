#pragma once

#include <cstddef>

#include "tensor/array.h"

namespace cne::tensor {

/// Copies elements of `width` bytes (1, 2, 4, 8 or 16) between any two layouts:
///
///   to[sum_a(i[a] * to_strides[a])] = from[sum_a(i[a] * from_strides[a])]   for each index i of
///   shape
///
/// Strides are in elements; those of `from` may be 0 or negative, those of `to` lead to one place
/// for each index. The two do not overlap. On several threads where that pays; planes that lie
/// across each other are turned block by block, so that a line of memory is read and written once.
void copy_strided(size_t width, const Dims& shape, const uint8_t* from, const Dims& from_strides,
                  uint8_t* to, const Dims& to_strides);

/// Writes `source` into a block of `target`, which nobody else may hold:
///
///   target[starts[a] + i[a] * steps[a] by axis a] = source[i]
///
/// Steps are not 0, and may be negative. Throws ShapeError for another element type or rank,
/// ArgumentError where the block reaches beyond the target.
void copy_into(Array& target, const Dims& starts, const Dims& steps, const Array& source);

/// Throws as it does.
void check_copy(const Type& target, const Dims& starts, const Dims& steps, const Type& source);

}  // namespace cne::tensor
