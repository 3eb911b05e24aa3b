#include "gbdt/split_scan.h"

#include <algorithm>
#include <limits>

#include "core/simd.h"

namespace cne::gbdt {

namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();
constexpr int kMostBins = 256;
constexpr int kLanes = 8;

}  // namespace

namespace kernels {

/// The sums of all bins up to each one, apart by kind so that they load side by side.
struct Prefixes {
  int64_t gradient[kMostBins];
  int64_t hessian[kMostBins];
  int64_t rows[kMostBins];
};

/// What a scan needs besides the prefixes; as in LeafMath and SplitContext.
struct Scan {
  GradientSums total;
  GradientSums first;  // what is left of the cut in any case
  double gradient_unit, hessian_unit;
  double l1, l2, least_hessian, parent;
  int64_t least_rows;
};

/// gains[b] of the cut after bin b, for b below `count`; minus infinity where it is not allowed.
CNE_MULTIVERSION void cut_gains(const Prefixes& prefix, const Scan& scan, int count,
                                double* gains) {
  const double l1 = scan.l1;
  const auto shrunk = [l1](double g) { return g > l1 ? g - l1 : g < -l1 ? g + l1 : 0.0; };
  for (int b = 0; b < count; ++b) {
    const int64_t left_g = prefix.gradient[b] + scan.first.gradient;
    const int64_t left_h = prefix.hessian[b] + scan.first.hessian;
    const int64_t left_n = prefix.rows[b] + scan.first.rows;
    const int64_t right_n = scan.total.rows - left_n;
    const double hl = static_cast<double>(left_h) * scan.hessian_unit;
    const double hr = static_cast<double>(scan.total.hessian - left_h) * scan.hessian_unit;
    const double gl = shrunk(static_cast<double>(left_g) * scan.gradient_unit);
    const double gr =
        shrunk(static_cast<double>(scan.total.gradient - left_g) * scan.gradient_unit);
    const double dl = hl + scan.l2;
    const double dr = hr + scan.l2;
    const double sl = dl > 0 ? gl * gl / dl : 0.0;
    const double sr = dr > 0 ? gr * gr / dr : 0.0;
    const bool allowed = (left_n >= scan.least_rows) & (right_n >= scan.least_rows) &
                         (hl >= scan.least_hessian) & (hr >= scan.least_hessian);
    gains[b] = allowed ? sl + sr - scan.parent : kNone;
  }
}

/// The largest of gains[0, padded), a multiple of kLanes; NaN is passed over.
CNE_MULTIVERSION double largest_gain(const double* gains, int padded) {
  double most[kLanes];
  for (double& m : most) m = kNone;
  for (int b = 0; b < padded; b += kLanes)
    for (int k = 0; k < kLanes; ++k) most[k] = gains[b + k] > most[k] ? gains[b + k] : most[k];
  double out = kNone;
  for (const double m : most) out = m > out ? m : out;
  return out;
}

}  // namespace kernels

Split scan_numeric(const SplitContext& context, const GradientSums* slots, int count) {
  kernels::Prefixes prefix;
  GradientSums sum;
  for (int b = 0; b < count; ++b) {
    sum += slots[b];
    prefix.gradient[b] = sum.gradient;
    prefix.hessian[b] = sum.hessian;
    prefix.rows[b] = sum.rows;
  }
  const LeafMath& math = context.math[0];
  const GrowOptions& options = context.options;
  const GradientSums missing = slots[count];
  kernels::Scan scan{context.total[0],
                     {},
                     math.units().gradient,
                     math.units().hessian,
                     options.lambda_l1,
                     options.lambda_l2,
                     options.min_sum_hessian,
                     math.score(context.total[0]),
                     std::max<int64_t>(1, options.min_child_samples)};
  Split best;
  double gains[kMostBins];
  for (const bool missing_left : {false, true}) {
    if (missing_left && missing.rows == 0) continue;
    scan.first = missing_left ? missing : GradientSums{};
    // The last bin may end the left side only when missing values are left for the right one.
    const int cuts = !missing_left && missing.rows > 0 ? count : count - 1;
    const int padded = (cuts + kLanes - 1) / kLanes * kLanes;
    kernels::cut_gains(prefix, scan, cuts, gains);
    std::fill(gains + cuts, gains + padded, kNone);
    const double most = kernels::largest_gain(gains, padded);
    if (!(most > best.gain)) continue;
    best.gain = most;
    best.bin = static_cast<int>(std::find(gains, gains + cuts, most) - gains);
    best.missing_left = missing_left;
    best.left = scan.first;
    best.left += {prefix.gradient[best.bin], prefix.hessian[best.bin], prefix.rows[best.bin]};
  }
  return best;
}

}  // namespace cne::gbdt
