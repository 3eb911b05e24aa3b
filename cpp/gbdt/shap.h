#pragma once

#include "gbdt/booster.h"

namespace cne::gbdt {

/// How much each feature adds to the raw scores: exact Shapley values of the game in which a
/// feature that is not known sends a row down both branches, in proportion to the training rows
/// that took them (path-dependent TreeSHAP; Lundberg et al. 2018, arXiv:1802.03888).
///
/// Uses the first `trees` trees, all when negative. out is (rows, outputs, width + 1), row-major:
/// the features, then what is expected without any. The numbers of a row and output add up to its
/// raw score, but for rounding in float64. What a derived feature adds is shared by its inputs
/// equally. Cover is counted in rows, or in weights where a foreign model does not tell rows; both
/// branches count the same where no training row came.
///
/// The same bits for any number of threads. Throws ShapeError when x has another number of features
/// than the model, UnsupportedError for linear leaves and for models that do not tell the cover.
void predict_contributions(const Booster& booster, const FeatureMatrix& x, int trees, double* out);

/// Shapley interaction values (Fujimoto et al. 2006; the same paper, section 4): out is (rows,
/// outputs, width + 1, width + 1), symmetric; rows of a matrix add up to the contributions.
void predict_interactions(const Booster& booster, const FeatureMatrix& x, int trees, double* out);

}  // namespace cne::gbdt
