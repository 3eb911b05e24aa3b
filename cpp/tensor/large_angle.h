#pragma once

namespace cne::tensor {

/// x = r + n pi/2 up to multiples of 2 pi, with n in 0..3 and |r| <= pi/4, as exactly as a double
/// can say. NaN for what is not finite.
struct LargeAngle {
  double r;
  int n;
};

/// |x| is at least 1. The digits of 2/pi from where they count (Payne and Hanek, Radian reduction
/// for trigonometric functions, 1983).
LargeAngle large_angle(double x);

}  // namespace cne::tensor
