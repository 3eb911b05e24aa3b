#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "tensor/float_math.h"
#include "tensor/pair_math.h"

namespace cne::tensor {

// Running results within vectors of 64 bytes, of the compiler's: a processor with shorter ones
// takes several. Halves of 2, 4, ... lanes are put together, the last lane of the first half with
// all of the second (Sklansky 1960): sums of what is not negative do not become smaller.

template <typename T>
struct Lanes {
  static constexpr int kCount = 64 / sizeof(T);
  typedef T Vector __attribute__((vector_size(64)));
  typedef IntOf<T> Places __attribute__((vector_size(64)));
};
template <typename T>
using LanesOf = typename Lanes<T>::Vector;
template <typename T>
using PlacesOf = typename Lanes<T>::Places;

/// The lanes that `place_of(lane)` says.
template <typename T, typename F, int... kLane>
constexpr PlacesOf<T> places_of(F place_of, std::integer_sequence<int, kLane...>) {
  return PlacesOf<T>{place_of(kLane)...};
}
template <typename T, typename F>
constexpr PlacesOf<T> places(F place_of) {
  return places_of<T>(place_of, std::make_integer_sequence<int, Lanes<T>::kCount>());
}

/// The lanes at the places that `F` says.
template <typename T, typename F, int... kLane>
[[gnu::always_inline]] inline LanesOf<T> moved(LanesOf<T> v, F,
                                               std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(v, v, F{}(kLane)...);
}
template <typename T, typename F>
[[gnu::always_inline]] inline LanesOf<T> moved(LanesOf<T> v, F place_of) {
  return moved<T>(v, place_of, std::make_integer_sequence<int, Lanes<T>::kCount>());
}

/// By bits: compilers take floats apart lane by lane for a choice.
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> chosen(PlacesOf<T> mask, LanesOf<T> yes, LanesOf<T> no) {
  return (LanesOf<T>)(((PlacesOf<T>)yes & mask) | ((PlacesOf<T>)no & ~mask));
}

// Plus, and Larger and Smaller of integers, of vectors.
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> lanes_of(Plus, LanesOf<T> a, LanesOf<T> b) {
  return a + b;
}
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> lanes_of(Larger, LanesOf<T> a, LanesOf<T> b) {
  return a > b ? a : b;
}
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> lanes_of(Smaller, LanesOf<T> a, LanesOf<T> b) {
  return a < b ? a : b;
}

template <typename T, int kHalf, typename F>
[[gnu::always_inline]] inline LanesOf<T> scan_lanes(LanesOf<T> v, F f) {
  if constexpr (kHalf >= Lanes<T>::kCount) {
    return v;
  } else {
    constexpr PlacesOf<T> kIsSecond = places<T>([](int i) { return (i & kHalf) != 0 ? -1 : 0; });
    const LanesOf<T> ends = moved<T>(v, [](int i) { return i / kHalf * kHalf - (i >= kHalf); });
    const LanesOf<T> both = lanes_of<T>(f, ends, v);
    return scan_lanes<T, 2 * kHalf>(chosen<T>(kIsSecond, both, v), f);
  }
}

template <typename T>
[[gnu::always_inline]] inline LanesOf<T> last_lane(LanesOf<T> v) {
  return moved<T>(v, [](int) { return Lanes<T>::kCount - 1; });
}
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> backwards(LanesOf<T> v) {
  return moved<T>(v, [](int i) { return Lanes<T>::kCount - 1 - i; });
}
template <typename T>
[[gnu::always_inline]] inline LanesOf<T> load_lanes(const T* from) {
  LanesOf<T> out;
  __builtin_memcpy(&out, from, sizeof out);
  return out;
}

/// Whole vectors of the first `n` elements (of the last ones, if it goes backwards); says how many
/// elements they have. `carried` is null, or what comes in front, and becomes what is in front of
/// the next element; `before` is null, or put in front of what is stored alone.
template <typename T, bool kReverse, typename F>
[[gnu::always_inline]] inline int64_t scan_vectors(T* values, int64_t n, T* carried,
                                                   bool has_carried, const T* before, F f) {
  constexpr int64_t kCount = Lanes<T>::kCount;
  LanesOf<T> carry = *carried - LanesOf<T>{};  // of -0, too
  const LanesOf<T> front = (before == nullptr ? T{} : *before) - LanesOf<T>{};
  int64_t done = 0;
  for (; done + kCount <= n; done += kCount) {
    T* const at = kReverse ? values + n - done - kCount : values + done;
    LanesOf<T> v = load_lanes(at);
    if constexpr (kReverse) v = backwards<T>(v);
    v = scan_lanes<T, 1>(v, f);
    if (has_carried) v = lanes_of<T>(f, carry, v);
    has_carried = true;
    carry = last_lane<T>(v);
    if (before != nullptr) v = lanes_of<T>(f, front, v);
    if constexpr (kReverse) v = backwards<T>(v);
    __builtin_memcpy(at, &v, sizeof v);
  }
  if (done > 0) *carried = carry[0];
  return done;
}

}  // namespace cne::tensor
