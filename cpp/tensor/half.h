#pragma once

#include <bit>
#include <cstdint>

#include "core/device.h"

namespace cne::tensor {

/// IEEE 754 binary16 and bfloat16 as they are stored. Arithmetic is done in float32.
struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};
/// A bool as it is stored: 0 or 1.
struct Bool {
  uint8_t byte;
};

CNE_HD inline float to_float(BFloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

/// Rounds to nearest, ties to even. A NaN stays one.
CNE_HD inline BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  return {static_cast<uint16_t>(is_nan ? (bits >> 16) | 0x40 : rounded >> 16)};
}

/// Exact, subnormal numbers too.
CNE_HD inline float to_float(Half value) {
  const uint32_t sign = static_cast<uint32_t>(value.bits & 0x8000) << 16;
  const uint32_t magnitude = value.bits & 0x7fff;
  // The exponent is moved by a multiplication, which normalises what is subnormal.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  const bool is_special = magnitude >= 0x7c00;
  const uint32_t special = (magnitude << 13) | 0x7f800000;
  return std::bit_cast<float>(sign | (is_special ? special : std::bit_cast<uint32_t>(scaled)));
}

/// Rounds to nearest, ties to even; too large numbers are infinite.
CNE_HD inline Half to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  // Subnormal results: adding 0.5 * 2^-14 * 2^... lines the bits up, and rounds them.
  const float small = std::bit_cast<float>(magnitude) + 0.5F;
  const uint32_t subnormal = std::bit_cast<uint32_t>(small) - 0x3f000000;
  const uint32_t normal = (magnitude + 0xfff + ((magnitude >> 13) & 1) - 0x38000000) >> 13;
  const bool is_nan = magnitude > 0x7f800000;
  const uint32_t large = is_nan ? 0x7e00 | ((magnitude >> 13) & 0x3ff) : 0x7c00;
  const uint32_t out = magnitude >= 0x47800000  ? large
                       : magnitude < 0x38800000 ? subnormal
                                                : normal;
  return {static_cast<uint16_t>(sign | out)};
}

}  // namespace cne::tensor
