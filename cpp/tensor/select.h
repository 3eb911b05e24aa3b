#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// out[i] = condition[i] ? a[i] : b[i], all three broadcast to one shape. Throws TypeError for a
/// condition that is not bool or two types, ShapeError where they cannot be broadcast.
Array where(const Array& condition, const Array& a, const Array& b);

/// The type of its result; throws as it does.
Type where_type(const Type& condition, const Type& a, const Type& b);

/// out[i] = condition[i] != 0 ? a[i] : b[i], of elements of `width` bytes that lie in order.
void select_tile(size_t width, const uint8_t* condition, const void* a, const void* b, void* out,
                 int64_t n);
/// `n` times the element of `width` bytes.
void fill_tile(size_t width, const void* value, void* out, int64_t n);

/// As a primitive, also of values inside transformations.
Value where(const Value& condition, const Value& a, const Value& b);

extern const Primitive kSelect;

}  // namespace cne::tensor
