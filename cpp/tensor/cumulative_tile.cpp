#include "tensor/cumulative_tile.h"

#include <type_traits>

#include "core/simd.h"
#include "tensor/element_dispatch.h"
#include "tensor/pair_math.h"
#include "tensor/power_math.h"

namespace cne::tensor {

namespace {

/// Parts of a tile that are gone through side by side, since each step waits for the one before.
constexpr int64_t kChains = 4;

template <typename T, typename F>
void in_order(T* values, int64_t n, int64_t step, F f) {
  for (int64_t i = 1; i < n; ++i) values[i * step] = f(values[(i - 1) * step], values[i * step]);
}

/// Of a tile alone; `values` is its first element in the order of the line.
template <typename T, typename F>
void in_chains(T* values, int64_t n, int64_t step, F f) {
  const int64_t length = n / kChains;
  if (length < 8) return in_order(values, n, step, f);
  T* starts[kChains];
  for (int64_t chain = 0; chain < kChains; ++chain) starts[chain] = values + chain * length * step;
  for (int64_t i = 1; i < length; ++i)
    for (T* start : starts) start[i * step] = f(start[(i - 1) * step], start[i * step]);
  for (int64_t chain = 1; chain < kChains; ++chain) {
    const T before = starts[chain][-step];
    for (int64_t i = 0; i < length; ++i)
      starts[chain][i * step] = f(before, starts[chain][i * step]);
  }
  const int64_t done = length * kChains;
  in_order(values + (done - 1) * step, n - done + 1, step, f);
}

// Logarithms are always added in float64.
CNE_MULTIVERSION void add_logs(double* values, int64_t n, int64_t step) {
  for (int64_t i = 1; i < n; ++i)
    values[i * step] = any_log_add_exp(values[(i - 1) * step], values[i * step]);
}
CNE_MULTIVERSION void put_before_logs(double before, double* values, int64_t n) {
  for (int64_t i = 0; i < n; ++i) values[i] = any_log_add_exp(before, values[i]);
}

template <typename T>
void put_before(CumulativeOp op, T before, T* values, int64_t n) {
  const auto each = [&](auto f) {
    for (int64_t i = 0; i < n; ++i) values[i] = f(before, values[i]);
  };
  if (op == CumulativeOp::kSum) return each(Plus());
  if (op == CumulativeOp::kProd) return each(Times());
  if constexpr (std::is_arithmetic_v<T>) {
    if (op == CumulativeOp::kMax) return each(Larger());
    if (op == CumulativeOp::kMin) return each(Smaller());
  }
  if constexpr (std::is_same_v<T, double>) put_before_logs(before, values, n);
}

template <typename T>
void within_tile(CumulativeOp op, T* values, int64_t n, bool reverse) {
  const int64_t step = reverse ? -1 : 1;
  T* first = reverse ? values + n - 1 : values;
  if (op == CumulativeOp::kSum) return in_chains(first, n, step, Plus());
  if (op == CumulativeOp::kProd) return in_order(first, n, step, Times());
  if constexpr (std::is_arithmetic_v<T>) {
    if (op == CumulativeOp::kMax) return in_chains(first, n, step, Larger());
    if (op == CumulativeOp::kMin) return in_chains(first, n, step, Smaller());
  }
  if constexpr (std::is_same_v<T, double>) add_logs(first, n, step);
}

}  // namespace

void cumulate_tile(CumulativeOp op, Element element, void* values, int64_t n, bool reverse) {
  with_number(element, [&](auto number) {
    within_tile(op, static_cast<decltype(number)*>(values), n, reverse);
  });
}

void put_before_tile(CumulativeOp op, Element element, const void* before, void* values,
                     int64_t n) {
  with_number(element, [&](auto number) {
    using T = decltype(number);
    put_before(op, *static_cast<const T*>(before), static_cast<T*>(values), n);
  });
}

}  // namespace cne::tensor
