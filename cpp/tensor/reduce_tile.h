#pragma once

#include <cstdint>
#include <type_traits>

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
/// The sums of rows of `length` elements that lie one behind the other, as fold_sum gives them into
/// an accumulator of no elements; false, and nothing done, for rows or types that have no such
/// loop.
bool sum_short_rows(Element element, const void* in, int64_t rows, int64_t length, void* out);
/// Adds the products of `n` floats of two arrays, each rounded, as fold_sum would add them.
void fold_products(Element element, const void* a, const void* b, int64_t n, double* to);

/// The first of `n` elements for which `is_it` is true, else n. Blocks of them are looked at side
/// by side: a number as wide as the element says whether there is one, for the sake of the
/// compiler.
template <typename T, typename F>
int64_t first_place(const T* values, int64_t n, const F& is_it) {
  constexpr int64_t kBlock = 64;
  using Word = std::conditional_t<
      sizeof(T) == 1, uint8_t,
      std::conditional_t<sizeof(T) == 2, uint16_t,
                         std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    Word found = 0;
    for (int64_t j = i; j < i + kBlock; ++j) found |= is_it(values[j]) ? Word(1) : Word(0);
    if (found != 0) break;
  }
  while (i < n && !is_it(values[i])) ++i;
  return i;
}

/// Puts accumulators together, in their order: `n` of them into the first.
void combine(ReduceOp op, Element accumulator, const void* others, int64_t n, void* to);

}  // namespace cne::tensor
