#include "gbdt/aft.h"

#include <algorithm>
#include <cmath>

#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace {

constexpr double kLeast = 1e-12;

/// Distribution, density and its first two derivatives.
struct Noise {
  double cdf, pdf, first, second;
};

Noise normal(double z) {
  const double pdf = exp_exact(-z * z / 2) * 0.3989422804014327;
  return {0.5 * erfc_exact(-z * 0.7071067811865476), pdf, -z * pdf, (z * z - 1) * pdf};
}

Noise logistic(double z) {
  const double p = sigmoid(z);
  const double pdf = p * (1 - p);
  return {p, pdf, pdf * (1 - 2 * p), pdf * (1 - 6 * pdf)};
}

/// The smallest of many: cdf 1 - exp(-exp(z)).
Noise extreme(double z) {
  const double w = exp_exact(std::min(z, 500.0));
  const double pdf = w * exp_exact(-w);
  return {1 - exp_exact(-w), pdf, (1 - w) * pdf, (w * w - 3 * w + 1) * pdf};
}

Noise noise_at(AftNoise kind, double z) {
  if (z == -INFINITY) return {0, 0, 0, 0};
  if (z == INFINITY) return {1, 0, 0, 0};
  if (kind == AftNoise::kNormal) return normal(z);
  return kind == AftNoise::kLogistic ? logistic(z) : extreme(z);
}

double distance(double time, double scale, double score) {
  if (time <= 0) return -INFINITY;
  return std::isinf(time) ? INFINITY : (log_exact(time) - score) / scale;
}

/// Where the probability has no digits left: the loss grows as z^2 / 2 for normal noise, as |z| for
/// logistic noise and, below, for extreme noise, whose other side grows as exp(z).
AftDerivatives far_away(AftNoise noise, double scale, double z) {
  constexpr double kMost = 15;
  double slope = z > 0 ? -1.0 : 1.0;
  double curve = 1e-2;  // not less: a leaf of such rows would step without end
  if (noise == AftNoise::kNormal) {
    slope = -z;
    curve = 1;
  } else if (noise == AftNoise::kExtreme && z > 0) {
    slope = -kMost;
    curve = kMost;
  }
  return {std::clamp(slope / scale, -kMost, kMost),
          std::clamp(curve / (scale * scale), 1e-2, kMost)};
}

}  // namespace

double aft_loss(AftNoise noise, double scale, double low, double high, double score) {
  const Noise upper = noise_at(noise, distance(high, scale, score));
  if (low == high) return -log_exact(std::max(upper.pdf / (scale * std::max(low, kLeast)), kLeast));
  const Noise lower = noise_at(noise, distance(low, scale, score));
  return -log_exact(std::max(upper.cdf - lower.cdf, kLeast));
}

AftDerivatives aft_derivatives(AftNoise noise, double scale, double low, double high,
                               double score) {
  const double z_upper = distance(high, scale, score);
  const double z_lower = distance(low, scale, score);
  const Noise upper = noise_at(noise, z_upper);
  double mass = upper.pdf;
  double slope = upper.first;
  double curve = upper.second;
  if (low != high) {
    const Noise lower = noise_at(noise, z_lower);
    mass = upper.cdf - lower.cdf;
    slope = upper.pdf - lower.pdf;
    curve = upper.first - lower.first;
  }
  if (mass < kLeast) return far_away(noise, scale, std::isinf(z_upper) ? z_lower : z_upper);
  constexpr double kMost = 15;
  const double ratio = slope / mass;
  return {std::clamp(ratio / scale, -kMost, kMost),
          std::clamp((ratio * ratio - curve / mass) / (scale * scale), 1e-16, kMost)};
}

}  // namespace cne::gbdt
