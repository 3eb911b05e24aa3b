#pragma once

#include <cmath>
#include <complex>

namespace cne::tensor {

// Functions of complex numbers that C++ has not, or whose signs of 0 the standard has otherwise.

template <typename T>
std::complex<T> complex_expm1(std::complex<T> z) {
  const T x = z.real();
  const T y = z.imag();
  if (y == 0) return {std::expm1(x) + T{0}, y};  // of -0 too 0
  if (std::isinf(x)) {
    if (!std::isfinite(y)) return x > 0 ? std::complex<T>{x, y - y} : std::complex<T>{T{-1}, T{0}};
    return {std::exp(x) * std::cos(y) - 1, std::exp(x) * std::sin(y)};
  }
  // exp(x) cos(y) - 1 = expm1(x) cos(y) - 2 sin(y / 2)^2
  const T half = std::sin(y / 2);
  return {std::expm1(x) * std::cos(y) - 2 * half * half, std::exp(x) * std::sin(y)};
}

template <typename T>
std::complex<T> complex_log1p(std::complex<T> z) {
  // log |1 + z| = log1p(x (2 + x) + y^2) / 2
  const T x = z.real();
  const T y = z.imag();
  if (std::abs(x) > T{0.5} || std::abs(y) > T{0.5}) return std::log(T{1} + z);
  return {std::log1p(x * (2 + x) + y * y) / 2, std::atan2(y, 1 + x)};
}

template <typename T>
std::complex<T> complex_tanh(std::complex<T> z) {
  const T y = z.imag();
  // 1 + 0i, where C has the sign of sin(2 y).
  if (std::isinf(z.real()) && std::isfinite(y))
    return {std::copysign(T{1}, z.real()), std::copysign(T{0}, y)};
  return std::tanh(z);
}

/// tanh(i z) / i.
template <typename T>
std::complex<T> complex_tan(std::complex<T> z) {
  const std::complex<T> out = complex_tanh(std::complex<T>{-z.imag(), z.real()});
  return {out.imag(), -out.real()};
}

/// Odd, and of the conjugate the conjugate, to the last bit, which std::atanh is not.
template <typename T>
std::complex<T> complex_atanh(std::complex<T> z) {
  const std::complex<T> out = std::atanh(std::complex<T>{std::abs(z.real()), std::abs(z.imag())});
  return {std::copysign(out.real(), z.real()), std::copysign(out.imag(), z.imag())};
}

/// atanh(i z) / i.
template <typename T>
std::complex<T> complex_atan(std::complex<T> z) {
  const std::complex<T> out = complex_atanh(std::complex<T>{-z.imag(), z.real()});
  return {out.imag(), -out.real()};
}

template <typename T>
std::complex<T> complex_sign(std::complex<T> z) {
  if (z == std::complex<T>{}) return {};
  return z / std::abs(z);
}

}  // namespace cne::tensor
