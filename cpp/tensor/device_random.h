#pragma once

#include <cstdint>
#include <type_traits>

#include "core/kernel.h"
#include "tensor/element.h"
#include "tensor/random_kind.h"
#include "tensor/random_math.h"

namespace cne::tensor {

/// Numbers of keys, bit for bit those of random (tensor/random.h); T is the type of an element,
/// uint32 for kKeys, whose places are two elements.
///
/// Block x does kPiece numbers of a key, each of its own place, which are written once.
template <typename T, RandomKind kKind>
struct RandomPieces {
  static constexpr const char* kName = "random";
  static constexpr int kThreads = 256;
  static constexpr int64_t kPiece = 16 * kThreads;
  const Words* keys;
  int64_t key_count;
  int64_t count;  // for each key
  T* out;

  CNE_HD int64_t pieces() const { return (count + kPiece - 1) / kPiece; }
  Grid grid() const { return {pieces() * key_count, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const int64_t key = block.x() / pieces();
    const int64_t begin = block.x() % pieces() * kPiece;
    const int64_t end = begin + kPiece < count ? begin + kPiece : count;
    block.each([&](int t) {
      for (int64_t i = begin + t; i < end; i += kThreads)
        put(key * count + i,
            threefry(keys[key], {static_cast<uint32_t>(i >> 32), static_cast<uint32_t>(i)}));
    });
  }

 private:
  CNE_BODY void put(int64_t at, Words words) const {
    if constexpr (kKind == RandomKind::kKeys) {
      out[2 * at] = words.first;
      out[2 * at + 1] = words.second;
    } else if constexpr (kKind == RandomKind::kBits) {
      out[at] = sizeof(T) == 8 ? static_cast<T>(long_bits(words))
                               : static_cast<T>(words.first ^ words.second);
    } else {
      constexpr bool kIsNormal = kKind == RandomKind::kNormal;
      if constexpr (std::is_same_v<T, double>) {
        const double value = uniform_double(words);
        out[at] = kIsNormal ? normal_of(value) : value;
      } else {
        const float value = kIsNormal || std::is_same_v<T, float> ? uniform_float(words, 32, 23)
                            : std::is_same_v<T, Half>             ? uniform_float(words, 16, 10)
                                                                  : uniform_float(words, 8, 7);
        out[at] = rounded(kIsNormal ? normal_of(value) : value);
      }
    }
  }
  CNE_BODY static T rounded(float value) {
    if constexpr (std::is_same_v<T, Half>)
      return to_half(value);
    else if constexpr (std::is_same_v<T, BFloat16>)
      return to_bfloat16(value);
    else
      return static_cast<T>(value);
  }
};

/// out[i] = threefry(keys[i], (0, numbers[i])). A thread a key.
struct RandomFoldIn {
  static constexpr const char* kName = "random_fold_in";
  static constexpr int kThreads = 256;
  const Words* keys;
  const uint32_t* numbers;
  Words* out;
  int64_t count;

  Grid grid() const { return {(count + kThreads - 1) / kThreads, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t i = block.x() * kThreads + t;
      if (i < count) out[i] = threefry(keys[i], {0, numbers[i]});
    });
  }
};

/// `count` numbers of each key, one key behind the other, in the memory of the device.
void device_random(Device device, RandomKind kind, const Words* keys, int64_t key_count,
                   int64_t count, Element element, void* out);

}  // namespace cne::tensor
