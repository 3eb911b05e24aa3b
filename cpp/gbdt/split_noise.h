#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/hash.h"
#include "gbdt/gradient.h"

namespace cne::gbdt {

/// The random part by which cuts are compared (CatBoost's random_strength). The root of the score
/// sum(G^2 / (H + lambda)) of what a cut leaves moves by about the root of
/// sum(g^2) / sum(h) where gradients say nothing; so much noise lets cuts take part that gain
/// little by themselves and much with later ones. Draws depend on their key and index alone.
struct SplitNoise {
  double deviation = 0;  // 0: cuts are compared by their gains

  /// What a cut is compared by; `score` is that of what is cut, `gain` what the cut adds to it.
  double rank(double score, double gain, uint64_t key, uint64_t index) const {
    if (!(deviation > 0) || !(gain > 0)) return gain;
    return std::sqrt(score + gain) + deviation * normal(key, index);
  }

 private:
  /// About normal: four uniform numbers of 16 bits, added; the same on every machine.
  static double normal(uint64_t key, uint64_t index) {
    const uint64_t bits = hash_u64(key + index + 1);
    double sum = 0;
    for (int part = 0; part < 4; ++part) sum += static_cast<double>(bits >> (16 * part) & 0xffff);
    return (sum * 0x1p-16 - 2.0) * 1.7320508075688772;  // variance 4 / 12
  }
};

/// Sum of the squared gradients of `rows`; its order does not depend on the number of threads.
double sum_of_squares(const Gradient* gradients, const GradientUnits& units,
                      const std::vector<int32_t>& rows);

/// The noise of one tree: `strength` times sqrt(squares / hessians) times n e^-t / (1 + n e^-t), t
/// the sum of the learning rates so far (`length`), n the rows. It ends when e^t passes n.
SplitNoise split_noise(double strength, double squares, double hessians, int64_t rows,
                       double length);

}  // namespace cne::gbdt
