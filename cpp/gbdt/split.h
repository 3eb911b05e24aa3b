#pragma once

#include <array>
#include <limits>

#include "gbdt/histogram.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Which bins of a feature go left: bit b % 64 of word b / 64.
using BinSet = std::array<uint64_t, 4>;
inline bool contains(const BinSet& set, int bin) { return (set[bin >> 6] >> (bin & 63)) & 1; }
inline void insert(BinSet& set, int bin) { set[bin >> 6] |= uint64_t{1} << (bin & 63); }

/// The best way found to cut a leaf in two.
struct Split {
  double gain = -std::numeric_limits<double>::infinity();  // loss reduction above min_gain
  int feature = -1;                                        // of the bin matrix; -1: none found
  int bin = 0;                                             // numeric: bins <= bin go left
  bool categorical = false;
  bool missing_left = false;
  BinSet left_bins{};  // categorical: what goes left, without the missing bin
  GradientSums left;

  bool found() const { return feature >= 0; }
};

/// Gain and leaf values in real numbers, from fixed-point sums.
/// With G, H the sums and T soft thresholding by lambda_l1: value = -T(G) / (H + lambda_l2), loss
/// reduction of a leaf = T(G)^2 / (H + lambda_l2) / 2 (Chen and Guestrin 2016, equations 5 and 6).
class LeafMath {
 public:
  LeafMath(const GrowOptions& options, GradientUnits units)
      : l1_(options.lambda_l1), l2_(options.lambda_l2), units_(units) {}

  double hessian(const GradientSums& sums) const {
    return static_cast<double>(sums.hessian) * units_.hessian;
  }
  double gradient(const GradientSums& sums) const {
    return static_cast<double>(sums.gradient) * units_.gradient;
  }
  double value(const GradientSums& sums) const;
  double score(const GradientSums& sums, double extra_l2 = 0) const;

 private:
  double shrunk(double gradient) const {
    return gradient > l1_ ? gradient - l1_ : gradient < -l1_ ? gradient + l1_ : 0.0;
  }
  double l1_;
  double l2_;
  GradientUnits units_;
};

/// The best split of one leaf on feature `feature` of `bins`, or none that meets the options.
/// `histogram` holds all slots, `total` the sums of the leaf. Missing values are tried on both
/// sides; where the leaf has none, later ones follow the child with more rows.
/// Of equal gains the lower bin wins, so that the result does not depend on the order of search.
Split best_split(const BinMatrix& bins, int feature, const GradientSums* histogram,
                 const GradientSums& total, const GrowOptions& options, const LeafMath& math);

}  // namespace cne::gbdt
