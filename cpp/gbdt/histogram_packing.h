#pragma once

#include <cstdint>

#include "gbdt/histogram.h"
#include "gbdt/quantized.h"

namespace cne::gbdt {

// How the gradient, hessian and row counter of a bin lie in one sum while up to kRows rows are
// added. Fields never reach into each other: a negative gradient is the topmost one.

/// Two 64-bit numbers side by side, so that a row costs one 16-byte addition a feature.
struct ExactPacking {
  typedef int64_t Sum __attribute__((vector_size(16)));
  static constexpr int64_t kRows = kPackedRows;

  static Sum zero() { return Sum{0, 0}; }
  static Sum pack(Gradient g) {
    return Sum{(static_cast<int64_t>(g.gradient) << kCountBits) + 1, g.hessian};
  }
  static GradientSums unpack(Sum sum) {
    constexpr int64_t kCountMask = (int64_t{1} << kCountBits) - 1;
    return {sum[0] >> kCountBits, sum[1], sum[0] & kCountMask};
  }
};

/// All three in 64 bits, for quantised gradients.
template <GradientBits kBits>
struct NarrowPacking {
  using Sum = int64_t;
  static constexpr int kRowBits = kBits == GradientBits::k8 ? 15 : 13;
  static constexpr int64_t kRows = int64_t{1} << kRowBits;
  static constexpr int kHessianAt = kRowBits + 1;
  static constexpr int kGradientAt = kHessianAt + hessian_bits(kBits) + kRowBits + 1;
  static_assert(kGradientAt + gradient_bits(kBits) + kRowBits + 1 < 64);

  static Sum zero() { return 0; }
  static Sum pack(Gradient g) {
    return (static_cast<int64_t>(g.gradient) << kGradientAt) +
           (static_cast<int64_t>(g.hessian) << kHessianAt) + 1;
  }
  static GradientSums unpack(Sum sum) {
    constexpr int64_t kCountMask = (int64_t{1} << kHessianAt) - 1;
    constexpr int64_t kHessianMask = (int64_t{1} << (kGradientAt - kHessianAt)) - 1;
    return {sum >> kGradientAt, (sum >> kHessianAt) & kHessianMask, sum & kCountMask};
  }
};

}  // namespace cne::gbdt
