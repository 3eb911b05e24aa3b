#pragma once

#include "../cuda/tensor/fused_standard.cuh"

// Arithmetic and functions of complex numbers for NVRTC. Products and quotients are the plain
// formulas: where a part is infinite they may give NaN and C++ does not. Functions as in Kahan,
// Branch cuts for complex elementary functions, 1987; they are within a few units of the last place
// of the larger part.

namespace std {

inline float exp(float x) { return ::expf(x); }
inline double exp(double x) { return ::exp(x); }
inline float expm1(float x) { return ::expm1f(x); }
inline double expm1(double x) { return ::expm1(x); }
inline float log1p(float x) { return ::log1pf(x); }
inline double log1p(double x) { return ::log1p(x); }
inline float sin(float x) { return ::sinf(x); }
inline double sin(double x) { return ::sin(x); }
inline float cos(float x) { return ::cosf(x); }
inline double cos(double x) { return ::cos(x); }
inline float sinh(float x) { return ::sinhf(x); }
inline double sinh(double x) { return ::sinh(x); }
inline float cosh(float x) { return ::coshf(x); }
inline double cosh(double x) { return ::cosh(x); }
inline float asinh(float x) { return ::asinhf(x); }
inline double asinh(double x) { return ::asinh(x); }
inline float log(float x) { return ::logf(x); }
inline float atan2(float y, float x) { return ::atan2f(y, x); }
inline double atan2(double y, double x) { return ::atan2(y, x); }
inline float hypot(float x, float y) { return ::hypotf(x, y); }
inline double hypot(double x, double y) { return ::hypot(x, y); }

template <typename T>
constexpr bool operator==(complex<T> a, complex<T> b) {
  return a.real() == b.real() && a.imag() == b.imag();
}
template <typename T>
constexpr complex<T> operator-(complex<T> a) {
  return {-a.real(), -a.imag()};
}
template <typename T>
constexpr complex<T> operator+(complex<T> a, complex<T> b) {
  return {a.real() + b.real(), a.imag() + b.imag()};
}
template <typename T>
constexpr complex<T> operator-(complex<T> a, complex<T> b) {
  return {a.real() - b.real(), a.imag() - b.imag()};
}
template <typename T>
constexpr complex<T> operator*(complex<T> a, complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}
template <typename T>
constexpr complex<T> operator/(complex<T> a, T b) {
  return {a.real() / b, a.imag() / b};
}
template <typename T>
constexpr complex<T> operator+(T a, complex<T> b) {
  return {a + b.real(), b.imag()};
}
/// By the larger part of the divisor (Smith, Algorithm 116, 1962).
template <typename T>
inline complex<T> operator/(complex<T> a, complex<T> b) {
  if (abs(b.real()) >= abs(b.imag())) {
    const T ratio = b.real() == 0 ? T(0) : b.imag() / b.real();
    const T below = b.real() + b.imag() * ratio;
    return {(a.real() + a.imag() * ratio) / below, (a.imag() - a.real() * ratio) / below};
  }
  const T ratio = b.real() / b.imag();
  const T below = b.real() * ratio + b.imag();
  return {(a.real() * ratio + a.imag()) / below, (a.imag() * ratio - a.real()) / below};
}

template <typename T>
constexpr complex<T> conj(complex<T> z) {
  return {z.real(), -z.imag()};
}
template <typename T>
inline T abs(complex<T> z) {
  return hypot(z.real(), z.imag());
}
template <typename T>
inline complex<T> exp(complex<T> z) {
  const T size = exp(z.real());
  if (z.imag() == 0) return {size, z.imag()};
  return {size * cos(z.imag()), size * sin(z.imag())};
}
template <typename T>
inline complex<T> log(complex<T> z) {
  return {log(abs(z)), atan2(z.imag(), z.real())};
}
template <typename T>
inline complex<T> log10(complex<T> z) {
  return log(z) / T(0x1.26bb1bbb55516p1);
}
template <typename T>
inline complex<T> sqrt(complex<T> z) {
  if (z.real() == 0 && z.imag() == 0) return {T(0), z.imag()};
  const T half = sqrt((abs(z.real()) + abs(z)) / 2);
  const T other = abs(z.imag()) / (2 * half);
  if (z.real() >= 0) return {half, copysign(other, z.imag())};
  return {other, copysign(half, z.imag())};
}
template <typename T>
inline complex<T> pow(complex<T> a, complex<T> b) {
  if (a == complex<T>()) return {};
  return exp(b * log(a));
}

template <typename T>
inline complex<T> sinh(complex<T> z) {
  return {sinh(z.real()) * cos(z.imag()), cosh(z.real()) * sin(z.imag())};
}
template <typename T>
inline complex<T> cosh(complex<T> z) {
  return {cosh(z.real()) * cos(z.imag()), sinh(z.real()) * sin(z.imag())};
}
template <typename T>
inline complex<T> tanh(complex<T> z) {
  const T s = sinh(z.real());
  const T c = cos(z.imag());
  if (abs(z.real()) > 20) return {copysign(T(1), z.real()), copysign(T(0), sin(2 * z.imag()))};
  const T below = s * s + c * c;
  return {s * cosh(z.real()) / below, c * sin(z.imag()) / below};
}
template <typename T>
inline complex<T> asinh(complex<T> z);
template <typename T>
inline complex<T> atanh(complex<T> z) {
  const T x = z.real();
  const T y = z.imag();
  const T away = (1 - x) * (1 - x) + y * y;
  return {log1p(4 * x / away) / 4, atan2(2 * y, (1 - x) * (1 + x) - y * y) / 2};
}
template <typename T>
inline complex<T> asin(complex<T> z) {
  const complex<T> less = sqrt(complex<T>(1 - z.real(), -z.imag()));
  const complex<T> more = sqrt(complex<T>(1 + z.real(), z.imag()));
  return {atan2(z.real(), (less * more).real()), asinh((conj(less) * more).imag())};
}
template <typename T>
inline complex<T> acos(complex<T> z) {
  const complex<T> less = sqrt(complex<T>(1 - z.real(), -z.imag()));
  const complex<T> more = sqrt(complex<T>(1 + z.real(), z.imag()));
  return {2 * atan2(less.real(), more.real()), asinh((conj(more) * less).imag())};
}
template <typename T>
inline complex<T> acosh(complex<T> z) {
  const complex<T> less = sqrt(complex<T>(z.real() - 1, z.imag()));
  const complex<T> more = sqrt(complex<T>(z.real() + 1, z.imag()));
  return {asinh((conj(less) * more).real()), 2 * atan2(less.imag(), more.real())};
}

// Of i z.
template <typename T>
constexpr complex<T> turned(complex<T> z) {
  return {-z.imag(), z.real()};
}
template <typename T>
constexpr complex<T> turned_back(complex<T> z) {
  return {z.imag(), -z.real()};
}
template <typename T>
inline complex<T> sin(complex<T> z) {
  return turned_back(sinh(turned(z)));
}
template <typename T>
inline complex<T> cos(complex<T> z) {
  return cosh(turned(z));
}
template <typename T>
inline complex<T> tan(complex<T> z) {
  return turned_back(tanh(turned(z)));
}
template <typename T>
inline complex<T> asinh(complex<T> z) {
  return turned_back(asin(turned(z)));
}
template <typename T>
inline complex<T> atan(complex<T> z) {
  return turned_back(atanh(turned(z)));
}

}  // namespace std
