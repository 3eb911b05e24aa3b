#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "tensor/erfinv_math.h"
#include "tensor/half.h"
#include "tensor/threefry.h"

namespace cne::tensor {

// What becomes of the words of a block: numbers of random (tensor/random.h).

[[gnu::always_inline]] inline uint64_t long_bits(Words words) {
  return (uint64_t{words.first} << 32) | words.second;
}

/// With `kept` of 32 bits, the upper ones of the lower `of`: those of a float of [1, 2), less 1.
[[gnu::always_inline]] inline float uniform_float(Words words, int of, int kept) {
  const uint32_t upper = ((words.first ^ words.second) << (32 - of)) >> (32 - kept);
  return std::bit_cast<float>((upper << (23 - kept)) | 0x3f800000) - 1;
}
[[gnu::always_inline]] inline double uniform_double(Words words) {
  return std::bit_cast<double>((long_bits(words) >> 12) | 0x3ff0000000000000) - 1;
}

/// sqrt(2) erfinv(u) of u in (-1, 1), which a uniform number of [0, 1) is stretched to.
template <typename T>
[[gnu::always_inline]] inline T normal_of(T uniform) {
  constexpr T kLow = FloatFormat<T>::kIsDouble ? T(-0x1.fffffffffffffp-1) : T(-0x1.fffffep-1);
  const T stretched = uniform * 2 + kLow;
  return T(0x1.6a09e667f3bcdp0) * any_erfinv(kLow < stretched ? stretched : kLow);
}

}  // namespace cne::tensor
