#pragma once

#include <algorithm>
#include <limits>

#include "gbdt/histogram.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Between what a leaf's value must lie, so that a monotone feature above it stays monotone.
struct ValueBounds {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();

  double clamp(double value) const { return std::min(std::max(value, lower), upper); }
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

  double hessian(const GradientSums& sums) const {
    return static_cast<double>(sums.hessian) * units_.hessian;
  }
  double gradient(const GradientSums& sums) const {
    return static_cast<double>(sums.gradient) * units_.gradient;
  }
  GradientUnits units() const { return units_; }

  /// The value of a leaf by itself, at most max_delta_step in size where that is set.
  double value(const GradientSums& sums, double extra_l2 = 0) const;
  /// The value of a child: drawn to its parent's, as value * n / (n + path_smooth) + parent *
  /// path_smooth / (n + path_smooth) with n its rows, then moved into the bounds.
  double child_value(const GradientSums& sums, double parent, const ValueBounds& bounds,
                     double extra_l2 = 0) const;

  /// Twice the loss reduction of a leaf with the value that is best for it.
  double score(const GradientSums& sums, double extra_l2 = 0) const;
  /// The same with a given value: -(2 T(G) value + (H + lambda_l2) value^2).
  double score_at(const GradientSums& sums, double value, double extra_l2 = 0) const;

 private:
  double shrunk(double gradient) const {
    return gradient > l1_ ? gradient - l1_ : gradient < -l1_ ? gradient + l1_ : 0.0;
  }
  double l1_;
  double l2_;
  double max_step_;
  double smooth_;
  GradientUnits units_;
};

}  // namespace cne::gbdt
