#include "gbdt/leaf_math.h"

namespace cne::gbdt {

double LeafMath::value(const GradientSums& sums, double extra_l2) const {
  const double denominator = hessian(sums) + l2_ + extra_l2;
  const double best = denominator > 0 ? -shrunk(gradient(sums)) / denominator : 0.0;
  return max_step_ > 0 ? std::clamp(best, -max_step_, max_step_) : best;
}

double LeafMath::child_value(const GradientSums& sums, double parent, const ValueBounds& bounds,
                             double extra_l2) const {
  double out = value(sums, extra_l2);
  if (smooth_ > 0) {
    const double share = static_cast<double>(sums.rows) / smooth_;
    out = out * share / (share + 1) + parent / (share + 1);
  }
  return bounds.clamp(out);
}

double LeafMath::score(const GradientSums& sums, double extra_l2) const {
  const double g = shrunk(gradient(sums));
  const double denominator = hessian(sums) + l2_ + extra_l2;
  return denominator > 0 ? g * g / denominator : 0.0;
}

double LeafMath::score_at(const GradientSums& sums, double value, double extra_l2) const {
  return -(2 * shrunk(gradient(sums)) * value + (hessian(sums) + l2_ + extra_l2) * value * value);
}

}  // namespace cne::gbdt
