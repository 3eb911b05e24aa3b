#pragma once

#include <limits>

#include "gbdt/histogram.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// What a cut gains that is not allowed.
inline constexpr double kNoGain = -std::numeric_limits<double>::infinity();

/// Between what a leaf's value must lie, so that a monotone feature above it stays monotone.
struct ValueBounds {
  double lower = kNoGain;
  double upper = -kNoGain;

  CNE_HD double clamp(double value) const {
    const double raised = value < lower ? lower : value;
    return upper < raised ? upper : raised;
  }
  bool operator==(const ValueBounds&) const = default;
};

/// Gain and leaf values in real numbers, from fixed-point sums of one output.
/// With G, H the sums and T soft thresholding by lambda_l1: value = -T(G) / (H + lambda_l2), loss
/// reduction of a leaf = T(G)^2 / (H + lambda_l2) / 2 (Chen and Guestrin 2016, equations 5 and 6).
class LeafMath {
 public:
  LeafMath(const GrowOptions& options, GradientUnits units)
      : l1_(options.lambda_l1),
        l2_(options.lambda_l2),
        max_step_(options.max_delta_step),
        smooth_(options.path_smooth),
        units_(units) {}

  CNE_HD double hessian(const GradientSums& sums) const {
    return static_cast<double>(sums.hessian) * units_.hessian;
  }
  CNE_HD double gradient(const GradientSums& sums) const {
    return static_cast<double>(sums.gradient) * units_.gradient;
  }
  CNE_HD GradientUnits units() const { return units_; }

  /// The value of a leaf by itself, at most max_delta_step in size where that is set.
  CNE_HD double value(const GradientSums& sums, double extra_l2 = 0) const {
    const double denominator = hessian(sums) + l2_ + extra_l2;
    const double best = denominator > 0 ? -shrunk(gradient(sums)) / denominator : 0.0;
    if (!(max_step_ > 0)) return best;
    return best < -max_step_ ? -max_step_ : max_step_ < best ? max_step_ : best;
  }
  /// The value of a child: drawn to its parent's, as value * n / (n + path_smooth) + parent *
  /// path_smooth / (n + path_smooth) with n its rows, then moved into the bounds.
  CNE_HD double child_value(const GradientSums& sums, double parent, const ValueBounds& bounds,
                            double extra_l2 = 0) const {
    double out = value(sums, extra_l2);
    if (smooth_ > 0) {
      const double share = static_cast<double>(sums.rows) / smooth_;
      out = out * share / (share + 1) + parent / (share + 1);
    }
    return bounds.clamp(out);
  }

  /// Twice the loss reduction of a leaf with the value that is best for it.
  CNE_HD double score(const GradientSums& sums, double extra_l2 = 0) const {
    const double g = shrunk(gradient(sums));
    const double denominator = hessian(sums) + l2_ + extra_l2;
    return denominator > 0 ? g * g / denominator : 0.0;
  }
  /// The same with a given value: -(2 T(G) value + (H + lambda_l2) value^2).
  CNE_HD double score_at(const GradientSums& sums, double value, double extra_l2 = 0) const {
    return -(2 * shrunk(gradient(sums)) * value + (hessian(sums) + l2_ + extra_l2) * value * value);
  }

 private:
  CNE_HD double shrunk(double gradient) const {
    return gradient > l1_ ? gradient - l1_ : gradient < -l1_ ? gradient + l1_ : 0.0;
  }
  double l1_;
  double l2_;
  double max_step_;
  double smooth_;
  GradientUnits units_;
};

}  // namespace cne::gbdt
