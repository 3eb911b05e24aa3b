#pragma once

#include <optional>
#include <string_view>

#include "tensor/primitive.h"

namespace cne::tensor {

enum class CumulativeOp : uint8_t { kSum, kProd, kMax, kMin, kLogAddExp };

/// "cumulative_sum", as the Python function and error messages have it.
const char* name_of(CumulativeOp op);
std::optional<CumulativeOp> parse_cumulative_op(std::string_view name);

/// The type of a result: sums and products of integers are 64 bits wide.
Element result_of(CumulativeOp op, Element element);

/// out[i] = op over all elements of the axis up to i; `reverse`: from i on.
///
///   sum, prod    in float64, rounded for each element; a sum of numbers that are not negative does
///                not become smaller
///   max, min     NaN wins
///   logaddexp    log(sum(exp(x))), without overflow
///
/// The result does not depend on the number of threads. Throws TypeError for types that have no
/// such operation, ArgumentError for an axis that is not there.
Array cumulative(CumulativeOp op, const Array& array, int64_t axis, bool reverse);

/// Throws as it does for a type that has no such operation.
void check_cumulative(CumulativeOp op, Element element);

/// As a primitive, also of values inside transformations. The derivative of an extreme is that of
/// the first element that has it.
Value cumulative(CumulativeOp op, const Value& value, int64_t axis, bool reverse);

extern const Primitive kCumulative;

}  // namespace cne::tensor
