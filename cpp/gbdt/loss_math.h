#pragma once

#include "gbdt/objective_math.h"

namespace cne::gbdt {

/// First and second derivative of a row's loss in its score, before its weight.
struct Derivatives {
  double gradient;
  double hessian;
};

/// Log loss of label y in {0, 1} with p = sigmoid(scale * score); label 1 weighs `positive`.
CNE_HD inline Derivatives log_loss_at(double score, double label, double scale, double positive) {
  const double p = sigmoid(scale * score);
  const double w = label > 0 ? scale * positive : scale;
  return {w * (p - label), scale * w * (p * (1.0 - p))};
}

/// One output of softmax; `own` where it is the label's, `factor` K / (K - 1).
CNE_HD inline Derivatives softmax_at(double score, double log_sum, bool own, double factor) {
  const double p = exp_exact(score - log_sum);
  const double curve = p * (1.0 - p);
  return {p - (own ? 1.0 : 0.0), factor * (curve < 0 ? 0.0 : curve)};
}

/// One output of one against all.
CNE_HD inline Derivatives one_against_all_at(double score, bool own, double scale) {
  const double p = sigmoid(scale * score);
  return {scale * (p - (own ? 1.0 : 0.0)), scale * scale * (p * (1.0 - p))};
}

}  // namespace cne::gbdt
