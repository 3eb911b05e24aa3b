#pragma once

#include <optional>
#include <string_view>

#include "tensor/primitive.h"

namespace cne::tensor {

enum class ReduceOp : uint8_t { kSum, kProd, kMax, kMin, kAny, kAll, kArgMax, kArgMin };

const char* name_of(ReduceOp op);
std::optional<ReduceOp> parse_reduce_op(std::string_view name);

/// The type of a result: sums and products of integers and bools are 64 bits wide, any and all are
/// bool, places int64; else that of the elements.
Element result_of(ReduceOp op, Element element);

/// Puts the elements of some axes together: out[k] = op over all elements whose other indices are
/// k. The axes go, or stay with the extent 1.
///
///   sum, prod    floats are added in lanes of float32 within 1,024 elements, beyond in float64
///   max, min     NaN wins
///   argmax, argmin  of one axis or of all: the place of the first such element; NaN wins
///
/// The result does not depend on the number of threads. Without elements a sum is 0, a product 1,
/// any false and all true. Throws ShapeError for the others without elements, TypeError for types
/// that have no such operation, ArgumentError for axes that are not there.
Array reduce(ReduceOp op, const Array& array, const Dims& axes, bool keep_dims);

/// The type that `reduce` gives when the axes, which are sorted, go. Throws as it does.
Type reduced(ReduceOp op, const Type& type, const Dims& axes);

/// As a primitive, also of values inside transformations.
Value reduce(ReduceOp op, const Value& value, const Dims& axes, bool keep_dims);

struct ReduceParams {
  ReduceOp op;
  Dims axes;
  auto fields() const { return std::tie(op, axes); }
};

extern const Primitive kReduce;

}  // namespace cne::tensor
