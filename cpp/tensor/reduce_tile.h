#pragma once

#include <cstdint>

#include "tensor/element.h"
#include "tensor/reduce.h"

namespace cne::tensor {

/// What elements are put together in: float64 and complex128 for sums and products of floats, 64
/// bits for those of integers, a byte for any and all, the type itself for max and min.
Element accumulator_of(ReduceOp op, Element element);

/// The accumulator of no elements; of max and min the first element takes its place.
void start(ReduceOp op, Element accumulator, void* to);

/// Puts `n` elements that lie one behind the other, at least one, into an accumulator. `is_first`:
/// it is that of no elements.
void fold_tile(ReduceOp op, Element element, const void* in, int64_t n, bool is_first, void* to);

/// The largest (or smallest) of `n` floats, at least one: NaN if one is.
float fold_extreme(const float* in, int64_t n, bool is_max);
double fold_extreme(const double* in, int64_t n, bool is_max);

/// Adds `n` floats as a tree, so that errors grow with the logarithm of their number. With 2
/// `parts` those at even places go to the first, the others to the second, as complex numbers do.
void fold_sum(const float* in, int64_t n, int parts, double* to);
void fold_sum(const double* in, int64_t n, int parts, double* to);

/// Puts accumulators together, in their order: `n` of them into the first.
void combine(ReduceOp op, Element accumulator, const void* others, int64_t n, void* to);

}  // namespace cne::tensor
