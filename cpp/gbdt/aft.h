#pragma once

#include "gbdt/objective.h"

namespace cne::gbdt {

/// Accelerated failure time: log T = score + scale * noise, of T known that it lies in [low, high]
/// (equal: the time itself; high infinite: right-censored; low 0: left-censored).
/// Barnwal, Cho, Hocking 2022, arXiv:2006.04920.

/// -log of the probability of what is known of T.
double aft_loss(AftNoise noise, double scale, double low, double high, double score);

struct AftDerivatives {
  double gradient;
  double hessian;
};
/// Derivatives of aft_loss in the score, kept in [-15, 15] and [1e-16, 15] as in XGBoost. Where the
/// probability is below 1e-12 they are those of its tail, the hessian at least 0.01.
AftDerivatives aft_derivatives(AftNoise noise, double scale, double low, double high, double score);

}  // namespace cne::gbdt
