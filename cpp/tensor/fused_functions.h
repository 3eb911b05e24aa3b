#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "tensor/arc_math.h"
#include "tensor/cast_math.h"
#include "tensor/complex_math.h"
#include "tensor/elementwise_math.h"
#include "tensor/erf_math.h"
#include "tensor/erfinv_math.h"
#include "tensor/exp_math.h"
#include "tensor/hyperbolic_math.h"
#include "tensor/log_math.h"
#include "tensor/polygamma.h"
#include "tensor/power_math.h"
#include "tensor/quotient_math.h"
#include "tensor/trig_math.h"

namespace cne::tensor {

// An operation on single elements as a function of its name, which generated source calls: the
// formulas are those of the tiles (elementwise_*.cpp), for one element. Of float16 and bfloat16
// there are none; a bool is a Bool.

template <typename T>
inline constexpr bool kIsReal = std::is_floating_point_v<T>;
template <typename T>
inline constexpr bool kIsWhole = std::is_integral_v<T>;

// A function of floats, which complex numbers have in C++ or in complex_math.h.
#define CNE_FUNCTION(name, of_complex) \
  template <typename T>                \
  inline T op_##name(T a) {            \
    if constexpr (kIsReal<T>)          \
      return any_##name(a);            \
    else                               \
      return of_complex(a);            \
  }
CNE_FUNCTION(exp, std::exp)
CNE_FUNCTION(log, std::log)
CNE_FUNCTION(log10, std::log10)
CNE_FUNCTION(sin, std::sin)
CNE_FUNCTION(cos, std::cos)
CNE_FUNCTION(tan, complex_tan)
CNE_FUNCTION(asin, std::asin)
CNE_FUNCTION(acos, std::acos)
CNE_FUNCTION(atan, complex_atan)
CNE_FUNCTION(sinh, std::sinh)
CNE_FUNCTION(cosh, std::cosh)
CNE_FUNCTION(tanh, complex_tanh)
CNE_FUNCTION(asinh, std::asinh)
CNE_FUNCTION(acosh, std::acosh)
CNE_FUNCTION(atanh, complex_atanh)
#undef CNE_FUNCTION

// One of floats alone.
#define CNE_FUNCTION(name, formula) \
  template <typename T>             \
  inline T op_##name(T a) {         \
    return formula;                 \
  }
CNE_FUNCTION(rsqrt, 1 / std::sqrt(a))
CNE_FUNCTION(sqrt, std::sqrt(a))
CNE_FUNCTION(square, static_cast<T>(wrapping(a) * wrapping(a)))
CNE_FUNCTION(sigmoid, any_sigmoid(a))
CNE_FUNCTION(erf, any_erf(a))
CNE_FUNCTION(erfc, any_erfc(a))
CNE_FUNCTION(erfinv, any_erfinv(a))
CNE_FUNCTION(lgamma, std::lgamma(a))
CNE_FUNCTION(digamma, static_cast<T>(digamma(static_cast<double>(a))))
#undef CNE_FUNCTION

// One of floats that leaves whole numbers as they are.
#define CNE_FUNCTION(name)    \
  template <typename T>       \
  inline T op_##name(T a) {   \
    if constexpr (kIsReal<T>) \
      return std::name(a);    \
    else                      \
      return a;               \
  }
CNE_FUNCTION(floor)
CNE_FUNCTION(ceil)
CNE_FUNCTION(trunc)
#undef CNE_FUNCTION

template <typename T>
inline T op_round(T a) {  // ties to even
  if constexpr (kIsReal<T>)
    return std::rint(a);
  else if constexpr (kIsWhole<T>)
    return a;
  else
    return {std::rint(a.real()), std::rint(a.imag())};
}
template <typename T>
inline T op_expm1(T a) {
  if constexpr (kIsReal<T>)
    return any_expm1(a);
  else
    return complex_expm1(a);
}
template <typename T>
inline T op_log1p(T a) {
  if constexpr (kIsReal<T>)
    return any_log1p(a);
  else
    return complex_log1p(a);
}
template <typename T>
inline T op_log2(T a) {
  if constexpr (kIsReal<T>)
    return any_log2(a);
  else
    return std::log(a) / std::log(typename T::value_type{2});
}

template <typename T>
inline T op_negative(T a) {
  if constexpr (kIsWhole<T>)
    return static_cast<T>(0 - wrapping(a));
  else
    return -a;
}
template <typename T>
inline auto op_abs(T a) {
  if constexpr (kIsWhole<T>)
    return a < 0 ? static_cast<T>(0 - wrapping(a)) : a;
  else
    return std::abs(a);
}
template <typename T>
inline T op_sign(T a) {
  if constexpr (kIsReal<T>)
    return float_sign(a);
  else if constexpr (kIsWhole<T>)
    return static_cast<T>((a > 0) - (a < 0));
  else
    return complex_sign(a);
}

template <typename T>
inline T op_conj(T a) {
  if constexpr (IsComplex<T>::value)
    return std::conj(a);
  else
    return a;
}
template <typename T>
inline auto op_real(T a) {
  if constexpr (IsComplex<T>::value)
    return a.real();
  else
    return a;
}
template <typename T>
inline auto op_imag(T a) {
  return a.imag();
}

inline Bool to_bool(bool value) { return {static_cast<uint8_t>(value)}; }

template <typename T>
inline Bool op_isnan(T a) {
  if constexpr (IsComplex<T>::value)
    return to_bool((a.real() != a.real()) | (a.imag() != a.imag()));
  else
    return to_bool(a != a);
}
template <typename T>
inline Bool op_isinf(T a) {
  if constexpr (IsComplex<T>::value)
    return to_bool(std::isinf(a.real()) | std::isinf(a.imag()));
  else if constexpr (kIsReal<T>)
    return to_bool(std::isinf(a));
  else
    return to_bool(false);
}
template <typename T>
inline Bool op_isfinite(T a) {
  if constexpr (IsComplex<T>::value)
    return to_bool(std::isfinite(a.real()) & std::isfinite(a.imag()));
  else if constexpr (kIsReal<T>)
    return to_bool(std::isfinite(a));
  else
    return to_bool(true);
}
template <typename T>
inline Bool op_signbit(T a) {
  return to_bool(is_negative(a));
}
template <typename T>
inline T op_invert(T a) {
  return static_cast<T>(~a);
}
inline Bool op_invert(Bool a) { return {static_cast<uint8_t>(a.byte ^ 1)}; }

template <typename T>
inline T op_add(T a, T b) {
  return static_cast<T>(wrapping(a) + wrapping(b));
}
template <typename T>
inline T op_subtract(T a, T b) {
  return static_cast<T>(wrapping(a) - wrapping(b));
}
template <typename T>
inline T op_multiply(T a, T b) {
  return static_cast<T>(wrapping(a) * wrapping(b));
}
template <typename T>
inline T op_divide(T a, T b) {
  return a / b;
}
template <typename T>
inline T op_floor_divide(T a, T b) {
  if constexpr (kIsReal<T>)
    return is_plain_quotient(a, b) ? plain_floor_divide(a, b) : any_floor_divide(a, b);
  else
    return integer_floor_divide(a, b);
}
template <typename T>
inline T op_remainder(T a, T b) {
  if constexpr (kIsReal<T>)
    return is_plain_quotient(a, b) ? plain_remainder(a, b) : any_remainder(a, b);
  else
    return integer_remainder(a, b);
}
template <typename T>
inline T op_power(T a, T b) {
  if constexpr (kIsReal<T>)
    return any_power(a, b);
  else if constexpr (kIsWhole<T>)
    return integer_power(a, b);
  else
    return b == T{} ? T{1} : std::pow(a, b);
}

// Of two numbers.
#define CNE_FUNCTION(name, formula) \
  template <typename T>             \
  inline T op_##name(T a, T b) {    \
    return formula;                 \
  }
CNE_FUNCTION(atan2, any_atan2(a, b))
CNE_FUNCTION(hypot, any_hypot(a, b))
CNE_FUNCTION(logaddexp, any_log_add_exp(a, b))
CNE_FUNCTION(copysign, std::copysign(a, b))
CNE_FUNCTION(nextafter, std::nextafter(a, b))
CNE_FUNCTION(polygamma, static_cast<T>(polygamma(static_cast<double>(a), static_cast<double>(b))))
CNE_FUNCTION(and, static_cast<T>(a& b))
CNE_FUNCTION(or, static_cast<T>(a | b))
CNE_FUNCTION(xor, static_cast<T>(a ^ b))
CNE_FUNCTION(shift_left, shift_left(a, b))
CNE_FUNCTION(shift_right, shift_right(a, b))
#undef CNE_FUNCTION

template <typename T>
inline T op_maximum(T a, T b) {
  if constexpr (kIsReal<T>)
    return float_maximum(a, b);
  else
    return a > b ? a : b;
}
template <typename T>
inline T op_minimum(T a, T b) {
  if constexpr (kIsReal<T>)
    return float_minimum(a, b);
  else
    return a < b ? a : b;
}

// Comparisons, and logic of bools.
#define CNE_FUNCTION(name, sign)    \
  template <typename T>             \
  inline Bool op_##name(T a, T b) { \
    return to_bool(a sign b);       \
  }
CNE_FUNCTION(equal, ==)
CNE_FUNCTION(not_equal, !=)
CNE_FUNCTION(less, <)
CNE_FUNCTION(less_equal, <=)
CNE_FUNCTION(greater, >)
CNE_FUNCTION(greater_equal, >=)
#undef CNE_FUNCTION
#define CNE_FUNCTION(name, sign) \
  inline Bool op_##name(Bool a, Bool b) { return to_bool((a.byte sign b.byte) != 0); }
CNE_FUNCTION(and, &)
CNE_FUNCTION(or, |)
CNE_FUNCTION(xor, ^)
CNE_FUNCTION(not_equal, !=)
CNE_FUNCTION(equal, ==)
#undef CNE_FUNCTION

}  // namespace cne::tensor
