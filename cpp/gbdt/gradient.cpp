#include "gbdt/gradient.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/simd.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void to_fixed(const double* gradient, const double* hessian, int64_t n,
                               double gradient_scale, double hessian_scale, Gradient* out) {
  for (int64_t i = 0; i < n; ++i) {
    out[i].gradient = round_fixed(gradient[i] * gradient_scale);
    out[i].hessian = round_fixed(hessian[i] * hessian_scale);
  }
}

/// The largest absolute values; a NaN makes the result NaN or infinite.
CNE_MULTIVERSION void largest(const double* gradient, const double* hessian, int64_t n,
                              double* most_gradient, double* most_hessian) {
  double g = 0;
  double h = 0;
  double bad = 0;
  for (int64_t i = 0; i < n; ++i) {
    g = std::max(g, std::abs(gradient[i]));
    h = std::max(h, hessian[i]);
    bad += (gradient[i] - gradient[i]) + (hessian[i] - hessian[i]);  // NaN unless both are finite
  }
  *most_gradient = g + bad;
  *most_hessian = h + bad;
}

}  // namespace kernels

namespace {

constexpr int64_t kBlock = 1024;  // rows whose derivatives stay in the first-level cache

/// 2^e >= bound, as the unit whose 2^30-fold covers it.
double unit_for(double bound) {
  if (bound == 0) return 1.0;
  int exponent = 0;
  std::frexp(bound, &exponent);
  // A unit below 2^-990 has an inverse that is not a finite number.
  return std::ldexp(1.0, std::max(exponent - 30, -990));
}

template <typename Visit>
void by_block(const Loss& loss, const double* scores, int output, int64_t begin, int64_t end,
              const Visit& visit) {
  double gradient[kBlock];
  double hessian[kBlock];
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t n = std::min(kBlock, end - at);
    loss.derivatives(scores, output, at, at + n, gradient, hessian);
    visit(at, n, gradient, hessian);
  }
}

DerivativeBounds find_bounds(const Loss& loss, const double* scores, int output, int64_t rows) {
  const auto fold = [](const DerivativeBounds& a, const DerivativeBounds& b) {
    // NaN stays: it compares with nothing.
    return DerivativeBounds{a.gradient > b.gradient ? a.gradient : b.gradient + 0 * a.gradient,
                            a.hessian > b.hessian ? a.hessian : b.hessian + 0 * a.hessian};
  };
  return fold_rows(
      rows, DerivativeBounds{},
      [&](int64_t begin, int64_t end) {
        DerivativeBounds out;
        by_block(loss, scores, output, begin, end,
                 [&](int64_t, int64_t n, const double* g, const double* h) {
                   DerivativeBounds part;
                   kernels::largest(g, h, n, &part.gradient, &part.hessian);
                   out = fold(out, part);
                 });
        return out;
      },
      fold);
}

}  // namespace

GradientUnits units_for(const DerivativeBounds& bounds) {
  if (!std::isfinite(bounds.gradient) || !std::isfinite(bounds.hessian))
    throw ArgumentError(
        "train: the derivatives of the loss grew beyond float64; scale y or sample_weight down, or "
        "lower learning_rate");
  return {unit_for(bounds.gradient), unit_for(bounds.hessian)};
}

GradientUnits compute_gradients(const Loss& loss, const double* scores, int output, int64_t rows,
                                std::vector<Gradient>& out) {
  out.resize(static_cast<size_t>(rows));
  DerivativeBounds bounds;
  if (!loss.bounds(output, &bounds)) bounds = find_bounds(loss, scores, output, rows);
  const GradientUnits units = units_for(bounds);
  parallel_for(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    by_block(loss, scores, output, begin, end,
             [&](int64_t at, int64_t n, const double* g, const double* h) {
               kernels::to_fixed(g, h, n, 1.0 / units.gradient, 1.0 / units.hessian,
                                 out.data() + at);
             });
  });
  return units;
}

}  // namespace cne::gbdt
