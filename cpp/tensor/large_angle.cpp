#include "tensor/large_angle.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace cne::tensor {

namespace {

using Wide = unsigned __int128;

/// 2/pi: after 64 zeros, bits of the weights 1/2, 1/4, ...
constexpr uint64_t kPerHalfPi[] = {0,
                                   0xa2f9836e4e441529,
                                   0xfc2757d1f534ddc0,
                                   0xdb6295993c439041,
                                   0xfe5163abdebbc561,
                                   0xb7246e3a424dd2e0,
                                   0x06492eea09d1921c,
                                   0xfe1deb1cb129a73e,
                                   0xe88235f52ebb4484,
                                   0xe99c7026b45f7e41,
                                   0x3991d639835339f4,
                                   0x9c845f8bbdf9283b,
                                   0x1ff897ffde05980f,
                                   0xef2f118b5a0a6d1f,
                                   0x6d367ecf27cb09b7,
                                   0x4f463f669e5fea2d,
                                   0x7527bac7ebe5f17b,
                                   0x3d0739f78a5292ea,
                                   0x6bfb5fb11f8d5d08,
                                   0x56033046fc7b6bab};

/// 64 bits from a place on.
uint64_t digits(int at) {
  const int word = at / 64;
  const int shift = at % 64;
  if (shift == 0) return kPerHalfPi[word];
  return (kPerHalfPi[word] << shift) | (kPerHalfPi[word + 1] >> (64 - shift));
}

}  // namespace

LargeAngle large_angle(double x) {
  if (!std::isfinite(x)) return {x - x, 0};
  const auto bits = std::bit_cast<uint64_t>(x);
  const int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1075;
  const uint64_t mantissa = (bits & 0xfffffffffffff) | 0x10000000000000;
  // x = mantissa 2^exponent, so digits of a weight of 2^(2 - exponent) and more give multiples of
  // 4. Of the product with the next 192 the first 2 bits are n, the others what is behind the
  // point.
  const int at = exponent - 2 + 64;
  const Wide low = static_cast<Wide>(mantissa) * digits(at + 128);
  const Wide middle = static_cast<Wide>(mantissa) * digits(at + 64) + (low >> 64);
  const uint64_t high = mantissa * digits(at) + static_cast<uint64_t>(middle >> 64);
  const Wide product = (static_cast<Wide>(high) << 64) | static_cast<uint64_t>(middle);
  // To the nearest n: the fraction as a number with a sign.
  int n = static_cast<int>(high >> 62);
  Wide fraction = product << 2;
  const bool is_below = (fraction >> 127) != 0;
  if (is_below) {
    ++n;
    fraction = ~fraction + 1;
  }
  const auto first = static_cast<double>(fraction);
  const bool is_rounded_up = static_cast<Wide>(first) > fraction;
  const double second = is_rounded_up ? -static_cast<double>(static_cast<Wide>(first) - fraction)
                                      : static_cast<double>(fraction - static_cast<Wide>(first));
  constexpr double kHigh = 0x1.921fb54442d18p-128;  // half pi, as the fraction counts
  constexpr double kLow = 0x1.1a62633145c07p-182;
  const double product_high = first * kHigh;
  const double product_low =
      std::fma(first, kHigh, -product_high) + std::fma(first, kLow, second * kHigh);
  const double r = product_high + product_low;
  const bool is_negative = is_below != (x < 0);
  return {is_negative ? -r : r, (x < 0 ? -n : n) & 3};
}

}  // namespace cne::tensor
