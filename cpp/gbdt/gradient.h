#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/loss.h"

namespace cne::gbdt {

/// First and second derivative of one row's loss as fixed-point numbers, at most 2^30 in size:
/// integer sums do not depend on the order of rows, threads or devices.
struct Gradient {
  int32_t gradient;
  int32_t hessian;
};

/// value = fixed * unit, a power of two.
struct GradientUnits {
  double gradient = 1.0;
  double hessian = 1.0;
};

/// The units for derivatives within `bounds`. Throws ArgumentError when those are not finite.
GradientUnits units_for(const DerivativeBounds& bounds);

/// Fills `out` (one for each row) with the derivatives of score `output` at `scores`.
/// `loss.prepare(scores)` has been called. Throws ArgumentError when a derivative is not finite.
GradientUnits compute_gradients(const Loss& loss, const double* scores, int output, int64_t rows,
                                std::vector<Gradient>& out);

}  // namespace cne::gbdt
