#pragma once

#include <span>
#include <vector>

#include "tensor/value.h"

namespace cne::tensor {

/// How the axes of a result run over those of an operand and of arrays of indices, which all have
/// one shape. `indexed` has an axis of the operand for each array of indices; for each axis of the
/// result `operand` and `indices` have the axis of theirs that it runs along, or -1:
///
///   result[i] = operand[j]   with j[indexed[k]] = indices_k[i along `indices`], else i along
///   `operand`
///
/// Every axis of the operand is in `indexed` or in `operand`, once; every axis of the indices in
/// `indices`, once. So this has NumPy's take (result axes of the operand, then those of the
/// indices, then the rest), take_along_axis (all other axes run along both), indices by several
/// arrays, and all of these for a batch: an axis more that runs along the operand, the indices, or
/// both.
struct IndexAxes {
  Dims indexed;
  Dims operand;
  Dims indices;

  bool operator==(const IndexAxes&) const = default;
};

/// Which indices may be out of bounds.
enum class IndexMode : uint8_t {
  kChecked,  // none; negative ones count from the end
  kClip,     // all: the nearest element takes their place
  kSkip,     // all: zeros are read there, nothing is written; negative ones are out of bounds, too
};

/// Of `operand` the elements along `axis` that an array of `index_rank` axes names.
IndexAxes take_axes(int rank, int axis, int index_rank);
/// Indices and operand have the same axes, and the same extents along all but `axis`.
IndexAxes along_axes(int rank, int axis);

/// Of a batch: an axis in front of those of the result, along the first one of the operand, of the
/// indices, or of both.
IndexAxes with_batch(const IndexAxes& axes, bool operand, bool indices);

/// The shape of a result. Throws naming `function`: TypeError for indices that are not all int32 or
/// all int64, ShapeError or ArgumentError for axes that do not fit.
Dims indexed_shape(const Dims& operand, std::span<const Type> indices, const IndexAxes& axes,
                   const char* function);

std::vector<Type> types_of(std::span<const Array> arrays);
std::vector<Type> types_of(ValueSpan values);

}  // namespace cne::tensor
