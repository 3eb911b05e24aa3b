#pragma once

#include <cmath>
#include <complex>

namespace cne::tensor {

// Functions of complex numbers that C++ has not.

template <typename T>
std::complex<T> complex_expm1(std::complex<T> z) {
  const T x = z.real();
  const T y = z.imag();
  if (y == 0) return {std::expm1(x), y};
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
std::complex<T> complex_sign(std::complex<T> z) {
  if (z == std::complex<T>{}) return z;
  return z / std::abs(z);
}

}  // namespace cne::tensor
