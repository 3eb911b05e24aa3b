#pragma once

#include <cstdint>

#include "core/kernel.h"
#include "tensor/device_fragment.h"
#include "tensor/element.h"

namespace cne::tensor {

/// Pairs of features turned by the angle of their position (nn.rotate), on a device:
///
///   a' = a cos - b sin,  b' = a sin + b cos
///
/// x and out are (outer, length, inner, d) in order and may be the same; pairs are i and i + d / 2,
/// or neighbours (interleaved). The derivative turns back (is_backward). Angles are tables, as a
/// chain of elements makes them once for all layers.
struct RotaryInputs {
  int64_t outer = 0;
  int64_t length = 0;
  int64_t inner = 1;               // heads, where they lie behind positions
  int64_t d = 0;                   // even
  const float* cosines = nullptr;  // (length, d / 2)
  const float* sines = nullptr;
  bool is_interleaved = false;
  bool is_backward = false;
};

/// Block x does kPiece pairs; each element is read and written once.
template <typename T>
struct RotateRows {
  static constexpr const char* kName = "rotate";
  static constexpr int kThreads = 256;
  static constexpr int64_t kPiece = 8 * kThreads;
  RotaryInputs of;
  const T* x;
  T* out;

  int64_t pairs() const { return of.outer * of.length * of.inner * (of.d / 2); }
  Grid grid() const { return {(pairs() + kPiece - 1) / kPiece, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const int64_t half = of.d / 2;
    const int64_t all = of.outer * of.length * of.inner * half;
    const int64_t end = (block.x() + 1) * kPiece < all ? (block.x() + 1) * kPiece : all;
    block.each([&](int t) {
      for (int64_t at = block.x() * kPiece + t; at < end; at += kThreads) {
        const int64_t row = at / half;
        const int64_t i = at % half;
        const int64_t angle = row / of.inner % of.length * half + i;
        const int64_t first = row * of.d + (of.is_interleaved ? 2 * i : i);
        const int64_t second = first + (of.is_interleaved ? 1 : half);
        const float a = to_float(x[first]);
        const float b = to_float(x[second]);
        const float cosine = of.cosines[angle];
        const float sine = of.is_backward ? -of.sines[angle] : of.sines[angle];
        out[first] = from_float<T>(a * cosine - b * sine);
        out[second] = from_float<T>(a * sine + b * cosine);
      }
    });
  }
};

/// Of float32, float16 or bfloat16; computed as float32. Throws TypeError for another type,
/// ShapeError for an odd d.
void device_rotate(const DeviceQueue& queue, Element element, const RotaryInputs& inputs,
                   const void* x, void* out);

}  // namespace cne::tensor
