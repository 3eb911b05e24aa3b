#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

struct TopK {
  Array values;
  Array indices;  // int64
};

/// The `k` largest (or smallest) elements along an axis, the first one first, and their places; of
/// equal ones those that come first. NaNs are behind all numbers. Throws ArgumentError for a `k`
/// beyond the extent, TypeError for complex numbers.
TopK top_k(const Array& array, int64_t k, int64_t axis, bool largest);

/// The types of both; throws as it does.
std::vector<Type> top_k_types(const Type& type, int64_t k, int axis);

/// As a primitive, also of values inside transformations: the elements and their places.
Values top_k(const Value& value, int64_t k, int64_t axis, bool largest);

extern const Primitive kTopK;

}  // namespace cne::tensor
