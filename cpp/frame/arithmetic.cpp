#include "frame/arithmetic.h"

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/integer_math.h"
#include "frame/dispatch.h"

namespace cne::frame {

namespace {

template <typename T>
T floor_divide(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return std::floor(a / b);
  else
    return integer_floor_divide(a, b);
}

template <typename T>
T modulo(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (b == 0) return std::numeric_limits<T>::quiet_NaN();
    const T rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  } else {
    return integer_remainder(a, b);
  }
}

/// Both sides valid and the divisor not 0.
template <typename T>
Buffer divisible(const Operand& a, const Operand& b, int64_t n) {
  Buffer valid = both_valid(a, b, n);
  const T* divisors = b.column.values<T>();
  if (b.scalar) return divisors[0] != 0 ? valid : Buffer::zeros(bitmap_bytes(n));
  bool zero = false;
  for (int64_t i = 0; i < n; ++i) zero |= divisors[i] == 0;
  if (!zero) return valid;
  return make_bitmap(n, [&](int64_t at, int64_t count) {
    const uint64_t both = valid ? load_bits(valid.data(), at, count) : ~uint64_t{0};
    return both & pack_bits(at, count, [&](int64_t i) { return divisors[i] != 0; });
  });
}

template <typename T>
Column compute(ExprOp op, const Operand& a, const Operand& b, int64_t n, const DataType& type) {
  Buffer values = Buffer::allocate(static_cast<size_t>(n) * sizeof(T));
  T* out = values.mutable_as<T>();
  const bool checked =
      std::is_integral_v<T> && (op == ExprOp::kFloorDivide || op == ExprOp::kModulo);
  Buffer validity = checked ? divisible<T>(a, b, n) : both_valid(a, b, n);
  switch (op) {
    case ExprOp::kAdd:
      for_pairs<T>(a, b, n, out,
                   [](T x, T y) { return static_cast<T>(wrapping(x) + wrapping(y)); });
      break;
    case ExprOp::kSubtract:
      for_pairs<T>(a, b, n, out,
                   [](T x, T y) { return static_cast<T>(wrapping(x) - wrapping(y)); });
      break;
    case ExprOp::kMultiply:
      for_pairs<T>(a, b, n, out,
                   [](T x, T y) { return static_cast<T>(wrapping(x) * wrapping(y)); });
      break;
    case ExprOp::kFloorDivide:
      for_pairs<T>(a, b, n, out, [](T x, T y) { return floor_divide(x, y); });
      break;
    case ExprOp::kModulo:
      for_pairs<T>(a, b, n, out, [](T x, T y) { return modulo(x, y); });
      break;
    default:
      if constexpr (std::is_floating_point_v<T>)
        for_pairs<T>(a, b, n, out, [](T x, T y) { return x / y; });
      break;
  }
  return Column(type, n, std::move(values), std::move(validity));
}

template <typename T, typename F>
Column map(const Column& input, const F& f) {
  Buffer values = Buffer::allocate(static_cast<size_t>(input.length()) * sizeof(T));
  T* out = values.mutable_as<T>();
  const T* in = input.values<T>();
  for (int64_t i = 0; i < input.length(); ++i) out[i] = f(in[i]);
  return Column(input.type(), input.length(), std::move(values), validity_from_zero(input));
}

}  // namespace

Column arithmetic(ExprOp op, const Operand& a, const Operand& b, int64_t n,
                  const DataType& result) {
  if (op == ExprOp::kDivide && a.column.type().id == DType::kDuration) {
    Buffer values = Buffer::allocate(static_cast<size_t>(n) * 8);
    for_pairs<int64_t>(a, b, n, values.mutable_as<double>(), [](int64_t x, int64_t y) {
      return static_cast<double>(x) / static_cast<double>(y);
    });
    return Column(result, n, std::move(values), both_valid(a, b, n));
  }
  return visit_fixed(a.column.type().id,
                     [&](auto tag) { return compute<decltype(tag)>(op, a, b, n, result); });
}

Column unary_math(ExprOp op, const Column& input) {
  return visit_fixed(input.type().id, [&](auto tag) {
    using T = decltype(tag);
    if (op == ExprOp::kNegate)
      return map<T>(input, [](T x) {
        if constexpr (std::is_floating_point_v<T>) return -x;
        return static_cast<T>(0 - wrapping(x));
      });
    if (op == ExprOp::kAbs)
      return map<T>(input, [](T x) {
        if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
        return x < 0 ? static_cast<T>(0 - wrapping(x)) : x;
      });
    if constexpr (std::is_floating_point_v<T>) {
      switch (op) {
        case ExprOp::kSqrt:
          return map<T>(input, [](T x) { return std::sqrt(x); });
        case ExprOp::kExp:
          return map<T>(input, [](T x) { return std::exp(x); });
        case ExprOp::kLog:
          return map<T>(input, [](T x) { return std::log(x); });
        case ExprOp::kFloor:
          return map<T>(input, [](T x) { return std::floor(x); });
        case ExprOp::kCeil:
          return map<T>(input, [](T x) { return std::ceil(x); });
        default:
          return map<T>(input, [](T x) { return std::nearbyint(x); });
      }
    }
    return input;  // an integer is its own floor, ceiling and rounding
  });
}

}  // namespace cne::frame
