#include "tensor/cumulative_tile.h"

#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"
#include "tensor/lane_scan.h"
#include "tensor/pair_math.h"
#include "tensor/power_math.h"

namespace cne::tensor {

namespace {

/// One by one, from an element of the line on.
template <typename T, typename F>
[[gnu::always_inline]] inline void in_order(T* values, int64_t n, int64_t step, bool has_carried,
                                            T* carried, const T* before, F f) {
  if (n == 0) return;
  // Of its own, as what is stored could be what is carried: each step would wait for memory.
  T sum = has_carried ? f(*carried, *values) : *values;
  const T front = before == nullptr ? T{} : *before;
  const bool has_front = before != nullptr;
  *values = has_front ? f(front, sum) : sum;
  for (int64_t i = 1; i < n; ++i) {
    sum = f(sum, values[i * step]);
    values[i * step] = has_front ? f(front, sum) : sum;
  }
  *carried = sum;
}

template <typename T, typename F>
[[gnu::always_inline]] inline void scan(T* values, int64_t n, const CumulativeTile& tile, F f) {
  const T* before = static_cast<const T*>(tile.before);
  bool has_carried = tile.carried != nullptr;
  T carried = has_carried ? *static_cast<const T*>(tile.carried) : T{};
  int64_t done = 0;
  if constexpr (sizeof(T) >= 4 && std::is_arithmetic_v<T> && !std::is_same_v<F, Times>) {
    done = tile.reverse ? scan_vectors<T, true>(values, n, &carried, has_carried, before, f)
                        : scan_vectors<T, false>(values, n, &carried, has_carried, before, f);
    has_carried |= done > 0;
  }
  T* first = tile.reverse ? values + n - 1 - done : values + done;
  in_order(first, n - done, tile.reverse ? -1 : 1, has_carried, &carried, before, f);
  *static_cast<T*>(tile.total) = carried;
}

/// Floats as integers in the same order, -0 before 0; NaN is the largest one, or the least.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> key_of(T value, bool is_max) {
  using Int = IntOf<T>;
  constexpr Int kAll = std::numeric_limits<Int>::max();
  const Int bits = bits_of(value);
  const Int key = bits < 0 ? bits ^ kAll : bits;
  const Int nan = is_max ? kAll : std::numeric_limits<Int>::min();
  return (bits & kAll) > bits_of(FloatFormat<T>::kInfinity) ? nan : key;
}
template <typename T>
[[gnu::always_inline]] inline T from_key(IntOf<T> key) {
  return of_bits<T>(key < 0 ? key ^ std::numeric_limits<IntOf<T>>::max() : key);
}

template <typename T>
[[gnu::always_inline]] inline void scan_extremes(bool is_max, T* values, int64_t n,
                                                 const CumulativeTile& tile) {
  IntOf<T> keys[kTile];
  for (int64_t i = 0; i < n; ++i) keys[i] = key_of(values[i], is_max);
  const auto of = [is_max](const void* value) {
    return value == nullptr ? 0 : key_of(*static_cast<const T*>(value), is_max);
  };
  const IntOf<T> carried = of(tile.carried);
  const IntOf<T> before = of(tile.before);
  IntOf<T> total;
  const CumulativeTile turned{tile.reverse, tile.carried == nullptr ? nullptr : &carried,
                              tile.before == nullptr ? nullptr : &before, &total};
  is_max ? scan(keys, n, turned, Larger()) : scan(keys, n, turned, Smaller());
  for (int64_t i = 0; i < n; ++i) values[i] = from_key<T>(keys[i]);
  *static_cast<T*>(tile.total) = from_key<T>(total);
}

template <typename T>
[[gnu::always_inline]] inline void cumulate(CumulativeOp op, T* values, int64_t n,
                                            const CumulativeTile& tile) {
  if (op == CumulativeOp::kSum) return scan(values, n, tile, Plus());
  if (op == CumulativeOp::kProd) return scan(values, n, tile, Times());
  if constexpr (std::is_floating_point_v<T>) {
    return scan_extremes(op == CumulativeOp::kMax, values, n, tile);
  } else if constexpr (std::is_integral_v<T>) {
    if (op == CumulativeOp::kMax) return scan(values, n, tile, Larger());
    if (op == CumulativeOp::kMin) return scan(values, n, tile, Smaller());
  }
}

CNE_MULTIVERSION void cumulate_often(CumulativeOp op, double* values, int64_t n,
                                     const CumulativeTile& tile) {
  cumulate(op, values, n, tile);
}
CNE_MULTIVERSION void cumulate_often(CumulativeOp op, float* values, int64_t n,
                                     const CumulativeTile& tile) {
  cumulate(op, values, n, tile);
}
CNE_MULTIVERSION void cumulate_often(CumulativeOp op, int64_t* values, int64_t n,
                                     const CumulativeTile& tile) {
  cumulate(op, values, n, tile);
}
CNE_MULTIVERSION void cumulate_often(CumulativeOp op, int32_t* values, int64_t n,
                                     const CumulativeTile& tile) {
  cumulate(op, values, n, tile);
}

// Logarithms are always added in float64.
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

}  // namespace

void cumulate_tile(CumulativeOp op, Element element, void* values, int64_t n,
                   const CumulativeTile& tile) {
  with_number(element, [&](auto number) {
    using T = decltype(number);
    T* const at = static_cast<T*>(values);
    if constexpr (std::is_same_v<T, double>) {
      if (op == CumulativeOp::kLogAddExp) return cumulate_logs(at, n, tile);
    }
    if constexpr (std::is_same_v<T, double> || std::is_same_v<T, float> ||
                  std::is_same_v<T, int64_t> || std::is_same_v<T, int32_t>)
      cumulate_often(op, at, n, tile);
    else
      cumulate(op, at, n, tile);
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
