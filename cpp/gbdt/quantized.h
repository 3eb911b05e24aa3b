#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/gradient.h"

namespace cne::gbdt {

/// How coarse gradients are while splits are searched. The more rows add up in one 64-bit number,
/// the fewer bits each may have: gradient above hessian above row counter.
enum class GradientBits : uint8_t {
  k32 = 0,   // as they are: two 64-bit sums
  k16 = 16,  // gradients of 13 bits with their sign, hessians of 9
  k8 = 8,    // of 8 and 8
};

/// The largest |gradient| and hessian, as powers of two.
constexpr int gradient_bits(GradientBits bits) { return bits == GradientBits::k8 ? 7 : 12; }
constexpr int hessian_bits(GradientBits bits) { return bits == GradientBits::k8 ? 8 : 9; }

/// Rounds `exact` to few levels, up or down at random so that sums keep their mean (Shi et al.
/// 2022, arXiv:2207.09682, section 4); row i draws its own number from `key`, whatever the threads.
/// Returns the units of `out`. `bits` is not k32.
GradientUnits quantize(const std::vector<Gradient>& exact, GradientUnits units, GradientBits bits,
                       uint64_t key, std::vector<Gradient>& out);

}  // namespace cne::gbdt
