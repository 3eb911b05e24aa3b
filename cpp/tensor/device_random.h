#pragma once

#include <bit>
#include <cstdint>

#include "core/kernel.h"
#include "tensor/element.h"
#include "tensor/half.h"
#include "tensor/random.h"
#include "tensor/threefry.h"

namespace cne::tensor {

/// Bits or uniform numbers of [0, 1) of a key, bit for bit those of random (tensor/random.h); both
/// words of each block for kKeys. T is an unsigned integer type, or with kIsUniform a float.
/// Normal numbers are a chain of elements of uniform ones: sqrt(2) erfinv(max(2 u + low, low)), low
/// the next number above -1, of float32 or float64 (`count` of 32 bits for float16 and bfloat16).
///
/// Block x does kPiece numbers, each of its own place, which are written once.
template <typename T, bool kIsUniform>
struct RandomPieces {
  static constexpr const char* kName = "random";
  static constexpr int kThreads = 256;
  static constexpr int64_t kPiece = 16 * kThreads;
  Words key;
  int64_t count;
  bool gives_keys;  // of uint32: two words a place
  T* out;

  Grid grid() const { return {(count + kPiece - 1) / kPiece, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const int64_t end = (block.x() + 1) * kPiece < count ? (block.x() + 1) * kPiece : count;
    block.each([&](int t) {
      for (int64_t i = block.x() * kPiece + t; i < end; i += kThreads) {
        const Words words =
            threefry(key, {static_cast<uint32_t>(i >> 32), static_cast<uint32_t>(i)});
        if constexpr (kIsUniform) {
          out[i] = uniform(words);
        } else if constexpr (sizeof(T) == 8) {
          out[i] = wide(words);
        } else {
          if (gives_keys) {
            out[2 * i] = static_cast<T>(words.first);
            out[2 * i + 1] = static_cast<T>(words.second);
          } else {
            out[i] = static_cast<T>(words.first ^ words.second);
          }
        }
      }
    });
  }

 private:
  CNE_BODY static uint64_t wide(Words words) { return uint64_t{words.first} << 32 | words.second; }

  CNE_BODY static T uniform(Words words) {
    const uint32_t bits = words.first ^ words.second;
    if constexpr (std::is_same_v<T, double>)
      return std::bit_cast<double>((wide(words) >> 12) | 0x3ff0000000000000) - 1;
    else if constexpr (std::is_same_v<T, float>)
      return of_bits(bits, 32, 23);
    else if constexpr (std::is_same_v<T, Half>)
      return to_half(of_bits(bits, 16, 10));
    else
      return to_bfloat16(of_bits(bits, 8, 7));
  }
  /// With the upper `kept` of the lower `of` bits: a float of [1, 2), less 1.
  CNE_BODY static float of_bits(uint32_t bits, int of, int kept) {
    const uint32_t upper = (bits << (32 - of)) >> (32 - kept);
    return std::bit_cast<float>((upper << (23 - kept)) | 0x3f800000) - 1;
  }
};

/// `count` numbers of a key in the memory of the device. Throws TypeError for kNormal and for an
/// element type that random does not take.
void device_random(const DeviceQueue& queue, RandomKind kind, Words key, int64_t count,
                   Element element, void* out);

}  // namespace cne::tensor
