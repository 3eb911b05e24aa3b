#include "tensor/reduce_tile.h"

#include <algorithm>
#include <cassert>
#include <complex>
#include <cstring>
#include <type_traits>
#include <vector>

#include "tensor/element_dispatch.h"
#include "tensor/elementwise_math.h"

namespace cne::tensor {

namespace {

/// Independent sums of one loop: the processor does them side by side.
constexpr int kLanes = 16;

template <typename T>
constexpr bool kIsComplex = !std::is_arithmetic_v<T>;

template <typename T>
T larger(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return float_maximum(a, b);
  else
    return a > b ? a : b;
}
template <typename T>
T smaller(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return float_minimum(a, b);
  else
    return a < b ? a : b;
}

template <typename A, typename B>
A plus(A a, B b) {
  if constexpr (std::is_integral_v<A>)
    return static_cast<A>(wrapping(a) + static_cast<std::make_unsigned_t<A>>(b));
  else
    return a + A(b);
}
template <typename A, typename B>
A times(A a, B b) {
  if constexpr (std::is_integral_v<A>)
    return static_cast<A>(wrapping(a) * static_cast<std::make_unsigned_t<A>>(b));
  else
    return a * A(b);
}

/// Folds lane by lane, and the lanes in their order. `Lane` is what a lane holds.
template <typename Lane, typename T, typename A, typename F>
void in_lanes(const T* in, int64_t n, Lane neutral, A& to, F f) {
  Lane lanes[kLanes];
  std::fill_n(lanes, kLanes, neutral);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) lanes[lane] = f(lanes[lane], in[i + lane]);
  for (; i < n; ++i) lanes[i % kLanes] = f(lanes[i % kLanes], in[i]);
  for (const Lane& lane : lanes) to = f(to, lane);
}

/// Whether one of them is true, or not true.
template <typename T>
bool has_truth(bool truth, const T* in, int64_t n) {
  return truth ? first_place(in, n, [](T each) { return each != T(0); }) < n
               : first_place(in, n, [](T each) { return each == T(0); }) < n;
}

template <typename T, typename A>
void fold(ReduceOp op, const T* in, int64_t n, bool is_first, A& to) {
  // Floats stay what they are within a tile; it is short.
  using Lane = std::conditional_t<std::is_integral_v<T>, A, T>;
  const auto add = [](auto a, auto b) { return plus(a, b); };
  const auto multiply = [](auto a, auto b) { return times(a, b); };
  switch (op) {
    case ReduceOp::kSum:
      if constexpr (std::is_same_v<A, double> && std::is_floating_point_v<T>)
        return fold_sum(in, n, 1, &to);
      else if constexpr (std::is_same_v<A, std::complex<double>> && kIsComplex<T>)
        return fold_sum(reinterpret_cast<const typename T::value_type*>(in), 2 * n, 2,
                        reinterpret_cast<double*>(&to));
      else if constexpr (std::is_integral_v<A> == std::is_integral_v<T>)
        return in_lanes<Lane>(in, n, Lane(0), to, add);
      break;
    case ReduceOp::kProd:
      if constexpr (kIsComplex<T> && kIsComplex<A>) {
        // One after the other: parts that leave the range have a NaN in place of a 0.
        for (int64_t i = 0; i < n; ++i) to = times(to, in[i]);
        return;
      } else if constexpr (std::is_integral_v<A> == std::is_integral_v<T>) {
        return in_lanes<Lane>(in, n, Lane(1), to, multiply);
      }
      break;
    case ReduceOp::kMax:
    case ReduceOp::kMin:
      if constexpr (std::is_same_v<T, A> && !kIsComplex<T>) {
        if constexpr (std::is_floating_point_v<T>) {
          const T extreme = fold_extreme(in, n, op == ReduceOp::kMax);
          to = is_first ? extreme
                        : (op == ReduceOp::kMax ? larger(to, extreme) : smaller(to, extreme));
          return;
        }
        if (is_first) to = in[0];
        const auto max = [](T a, T b) { return larger(a, b); };
        const auto min = [](T a, T b) { return smaller(a, b); };
        op == ReduceOp::kMax ? in_lanes<T>(in, n, in[0], to, max)
                             : in_lanes<T>(in, n, in[0], to, min);
        return;
      }
      break;
    case ReduceOp::kAny:
    case ReduceOp::kAll:
      if constexpr (std::is_same_v<A, uint8_t>) {
        const bool any = op == ReduceOp::kAny;
        if ((to != 0) != any && has_truth(any, in, n)) to = any;
        return;
      }
      break;
    default:
      break;
  }
  assert(false);  // `result_of` and `reduce` said no
}

}  // namespace

Element accumulator_of(ReduceOp op, Element element) {
  switch (op) {
    case ReduceOp::kSum:
    case ReduceOp::kProd:
      switch (kind_of(element)) {
        case ElementKind::kUnsigned:
          return Element::kUInt64;
        case ElementKind::kFloat:
          return Element::kFloat64;
        case ElementKind::kComplex:
          return Element::kComplex128;
        default:
          return Element::kInt64;
      }
    case ReduceOp::kAny:
    case ReduceOp::kAll:
      return Element::kUInt8;
    default:
      return element;
  }
}

void start(ReduceOp op, Element accumulator, void* to) {
  std::memset(to, 0, size_of(accumulator));
  if (op != ReduceOp::kProd && op != ReduceOp::kAll) return;
  with_number(accumulator, [&](auto one) {
    one = decltype(one)(1);
    std::memcpy(to, &one, sizeof one);
  });
}

void fold_tile(ReduceOp op, Element element, const void* in, int64_t n, bool is_first, void* to) {
  if (op == ReduceOp::kSum && element == Element::kFloat32)  // the most frequent one at once
    return fold_sum(static_cast<const float*>(in), n, 1, static_cast<double*>(to));
  const Element accumulator = accumulator_of(op, element);
  with_number(element, [&](auto number) {
    using T = decltype(number);
    const T* from = static_cast<const T*>(in);
    if (accumulator == element) return fold(op, from, n, is_first, *static_cast<T*>(to));
    switch (accumulator) {
      case Element::kInt64:
        if constexpr (std::is_integral_v<T>)
          return fold(op, from, n, is_first, *static_cast<int64_t*>(to));
        break;
      case Element::kUInt64:
        if constexpr (std::is_integral_v<T>)
          return fold(op, from, n, is_first, *static_cast<uint64_t*>(to));
        break;
      case Element::kFloat64:
        if constexpr (std::is_floating_point_v<T>)
          return fold(op, from, n, is_first, *static_cast<double*>(to));
        break;
      case Element::kComplex128:
        if constexpr (kIsComplex<T>)
          return fold(op, from, n, is_first, *static_cast<std::complex<double>*>(to));
        break;
      default:
        return fold(op, from, n, is_first, *static_cast<uint8_t*>(to));
    }
    assert(false);
  });
}

void combine(ReduceOp op, Element accumulator, const void* others, int64_t n, void* to) {
  with_number(accumulator, [&](auto number) {
    using T = decltype(number);
    // In pairs, so that errors of sums grow with the logarithm of their number.
    std::vector<T> parts(static_cast<size_t>(n) + 1);
    parts[0] = *static_cast<T*>(to);
    std::copy_n(static_cast<const T*>(others), n, parts.begin() + 1);
    for (size_t width = 1; width < parts.size(); width *= 2)
      for (size_t i = 0; i + width < parts.size(); i += 2 * width)
        fold(op, &parts[i + width], 1, false, parts[i]);
    *static_cast<T*>(to) = parts[0];
  });
}

}  // namespace cne::tensor
