#pragma once

#include <memory>

#include "gbdt/loss.h"

namespace cne::gbdt {

// The makers that make_loss chooses from, one for each family of losses. Options and labels must
// outlive the loss. Every derivative is multiplied by the weight of its row, but for custom ones.

/// (s - y)^2 / 2, for one or several labels a row.
std::unique_ptr<Loss> make_squared_loss(const ObjectiveOptions& options, const Labels& labels);

/// Log loss of labels 0 and 1, p = sigmoid(sigmoid * s); label 1 weighs scale_pos_weight.
std::unique_ptr<Loss> make_binary_loss(const ObjectiveOptions& options, const Labels& labels);

/// One score and one label a row, r = s - y:
///   absolute, quantile a  |r|, pinball loss; hessian 1, leaves are weighted percentiles
///   huber d, fair c       as in LightGBM: hessian 1, and c^2 / (|r| + c)^2
///   expectile a           2 |a - [r > 0]| r^2 / 2
///   mape                  |r| / max(1, |y|); hessian 1, leaves are weighted medians
///   poisson               exp(s) - y s; hessian exp(s + max_delta_step)
///   gamma, tweedie p      y exp(-s) + s; exp((2 - p) s) / (2 - p) - y exp((1 - p) s) / (1 - p)
///   cross_entropy         log loss of labels in [0, 1]
///   focal g, a            -a_t (1 - p_t)^g log p_t (Lin et al. 2017); hessian at least a_t (1 -
///   p_t)^g p (1 - p)
std::unique_ptr<Loss> make_point_loss(const ObjectiveOptions& options, const Labels& labels);

/// Softmax over the classes, or a log loss for each class against the others.
std::unique_ptr<Loss> make_multiclass_loss(const ObjectiveOptions& options, const Labels& labels);

/// LambdaRank for NDCG (Burges 2010) or MAP, RankNet (Burges et al. 2005); pairs of
/// which one document is among the first `truncation`, XE-NDCG, whose random numbers depend on
/// `seed`, the round and the query.
std::unique_ptr<Loss> make_ranking_loss(const ObjectiveOptions& options, const Labels& labels,
                                        uint64_t seed);

/// Cox's partial likelihood (Cox 1972, ties after Breslow), accelerated failure time (aft.h).
std::unique_ptr<Loss> make_survival_loss(const ObjectiveOptions& options, const Labels& labels);

/// Derivatives that the caller computes, weights included; negative hessians count as 0. `custom`
/// must outlive it.
std::unique_ptr<Loss> make_custom_loss(const ObjectiveOptions& options, const Labels& labels,
                                       const CustomDerivatives& custom);

}  // namespace cne::gbdt
