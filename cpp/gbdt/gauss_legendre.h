#pragma once

#include <vector>

namespace cne::gbdt {

/// Points t in (0, 1) and weights w of the sum that integrates polynomials over [0, 1] exactly up
/// to degree 2 * count - 1.
struct GaussLegendre {
  std::vector<double> points;
  std::vector<double> weights;

  explicit GaussLegendre(int count);
};

/// The same, kept.
const GaussLegendre& gauss_legendre(int count);

}  // namespace cne::gbdt
