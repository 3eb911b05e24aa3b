#pragma once

// What the shared arithmetic takes from the C++ library, for NVRTC, which has none. It goes in front
// of every generated kernel. Functions of floats are those of CUDA with IEEE rounding where the CPU's
// are (fma, sqrt, rounding to whole numbers); the others are called where the CPU, too, calls its C
// library.

#ifdef __CUDACC_RTC__
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef unsigned long size_t;
typedef unsigned long uintptr_t;
#endif

namespace std {

template <bool kFirst, typename A, typename B>
struct conditional {
  using type = A;
};
template <typename A, typename B>
struct conditional<false, A, B> {
  using type = B;
};
template <bool kFirst, typename A, typename B>
using conditional_t = typename conditional<kFirst, A, B>::type;

template <typename A, typename B>
inline constexpr bool is_same_v = false;
template <typename A>
inline constexpr bool is_same_v<A, A> = true;
template <typename T, typename... Others>
inline constexpr bool is_one_of = (is_same_v<T, Others> || ...);
template <typename T>
inline constexpr bool is_floating_point_v = is_one_of<T, float, double>;
template <typename T>
inline constexpr bool is_integral_v =
    is_one_of<T, bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
template <typename T>
inline constexpr bool is_arithmetic_v = is_floating_point_v<T> || is_integral_v<T>;
template <typename T>
inline constexpr bool is_signed_v =
    is_floating_point_v<T> || is_one_of<T, int8_t, int16_t, int32_t, int64_t>;

template <typename T>
inline constexpr bool is_const_v = false;
template <typename T>
inline constexpr bool is_const_v<const T> = true;
template <typename T, T kValue>
struct integral_constant {
  static constexpr T value = kValue;
  constexpr T operator()() const { return kValue; }
};

template <typename T>
using make_unsigned_t =
    conditional_t<sizeof(T) == 1, uint8_t,
                  conditional_t<sizeof(T) == 2, uint16_t,
                                conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

struct true_type {
  static constexpr bool value = true;
};
struct false_type {
  static constexpr bool value = false;
};

template <typename To, typename From>
constexpr To bit_cast(From from) {
  return __builtin_bit_cast(To, from);
}

template <typename T>
struct numeric_limits {  // of integers
  static constexpr T min() { return static_cast<T>(is_signed_v<T> ? T(1) << (sizeof(T) * 8 - 1) : 0); }
  static constexpr T max() { return static_cast<T>(~min()); }
};
template <>
struct numeric_limits<float> {
  static constexpr float min() { return 0x1p-126F; }
  static constexpr float max() { return 0x1.fffffep127F; }
  static constexpr float epsilon() { return 0x1p-23F; }
  static constexpr float infinity() { return bit_cast<float>(0x7f800000u); }
  static constexpr float quiet_NaN() { return bit_cast<float>(0x7fc00000u); }
};
template <>
struct numeric_limits<double> {
  static constexpr double min() { return 0x1p-1022; }
  static constexpr double max() { return 0x1.fffffffffffffp1023; }
  static constexpr double epsilon() { return 0x1p-52; }
  static constexpr double infinity() { return bit_cast<double>(uint64_t{0x7ff0000000000000}); }
  static constexpr double quiet_NaN() { return bit_cast<double>(uint64_t{0x7ff8000000000000}); }
};

namespace numbers {
inline constexpr double pi = 0x1.921fb54442d18p1;
}

inline float fma(float a, float b, float c) { return ::fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return ::fma(a, b, c); }
inline float abs(float x) { return ::fabsf(x); }
inline double abs(double x) { return ::fabs(x); }
inline float sqrt(float x) { return ::sqrtf(x); }
inline double sqrt(double x) { return ::sqrt(x); }
inline float floor(float x) { return ::floorf(x); }
inline double floor(double x) { return ::floor(x); }
inline float ceil(float x) { return ::ceilf(x); }
inline double ceil(double x) { return ::ceil(x); }
inline float trunc(float x) { return ::truncf(x); }
inline double trunc(double x) { return ::trunc(x); }
inline float rint(float x) { return ::rintf(x); }
inline double rint(double x) { return ::rint(x); }
inline float fmod(float a, float b) { return ::fmodf(a, b); }
inline double fmod(double a, double b) { return ::fmod(a, b); }
inline float fmax(float a, float b) { return ::fmaxf(a, b); }
inline float log2(float x) { return ::log2f(x); }
inline float copysign(float a, float b) { return ::copysignf(a, b); }
inline double copysign(double a, double b) { return ::copysign(a, b); }
inline float nextafter(float a, float b) { return ::nextafterf(a, b); }
inline double nextafter(double a, double b) { return ::nextafter(a, b); }
inline float lgamma(float x) { return ::lgammaf(x); }
inline double lgamma(double x) { return ::lgamma(x); }
inline double log(double x) { return ::log(x); }
inline double tan(double x) { return ::tan(x); }
template <typename T>
inline bool isnan(T x) {
  return x != x;
}
template <typename T>
inline bool isinf(T x) {
  return abs(x) == numeric_limits<T>::infinity();
}
template <typename T>
inline bool isfinite(T x) {
  return abs(x) < numeric_limits<T>::infinity();
}

/// A complex number as C++ lays it out.
template <typename T>
class complex {
 public:
  using value_type = T;
  constexpr complex() = default;
  constexpr complex(T real, T imag = T(0)) : real_(real), imag_(imag) {}
  template <typename U>
  constexpr explicit complex(complex<U> other)
      : real_(static_cast<T>(other.real())), imag_(static_cast<T>(other.imag())) {}
  constexpr T real() const { return real_; }
  constexpr T imag() const { return imag_; }

 private:
  T real_ = T(0);
  T imag_ = T(0);
};

}  // namespace std
