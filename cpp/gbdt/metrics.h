#pragma once

#include <vector>

#include "gbdt/metric.h"

namespace cne::gbdt {

/// What a metric is computed from.
struct MetricInput {
  const Metric& metric;
  const ObjectiveOptions& options;
  const Labels& labels;
  const double* scores;  // output-major
};

/// A score through the link of the objective; softmax is not for it.
double predicted(const MetricInput& in, double score);
/// The scores of all outputs of a row, through the link.
void predict_outputs(const MetricInput& in, int64_t row, std::vector<double>& out);
/// Rows [0, n) from the largest score to the smallest; equal ones in their order.
std::vector<int64_t> by_falling_score(const double* scores, int64_t n);

// One function for each metric of metric.cpp's list. Means are weighted; those of several outputs
// are means over the outputs; a query weighs the mean of its rows. With p the prediction, y the
// label:

// metric_point.cpp: scores go through the link of the objective.
double metric_l2(const MetricInput& in);
double metric_rmse(const MetricInput& in);
double metric_l1(const MetricInput& in);
double metric_mape(const MetricInput& in);   // |p - y| / max(1, |y|); XGBoost: / |y|
double metric_smape(const MetricInput& in);  // 200 |p - y| / (|p| + |y|)
double metric_msle(const MetricInput& in);   // (log(1 + p) - log(1 + y))^2; NaN for p <= -1
double metric_rmsle(const MetricInput& in);
/// 1 - the sum of squares over that around the mean of y, of each output by itself. Where all y are
/// the same, 1 for a perfect fit and else 0, as in scikit-learn.
double metric_r2(const MetricInput& in);
double metric_huber(const MetricInput& in);
double metric_pseudo_huber(const MetricInput& in);  // d^2 (sqrt(1 + ((p - y) / d)^2) - 1)
double metric_logcosh(const MetricInput& in);
double metric_fair(const MetricInput& in);
double metric_quantile(const MetricInput& in);
double metric_expectile(const MetricInput& in);
double metric_poisson(const MetricInput& in);          // p - y log p
double metric_poisson_nloglik(const MetricInput& in);  // the same + log y!
double metric_gamma(const MetricInput& in);            // y / p + log p
/// 2 (y / p - log(y / p) - 1); LightGBM's is not the mean but the sum.
double metric_gamma_deviance(const MetricInput& in);
double metric_tweedie(const MetricInput& in);
double metric_binary_logloss(const MetricInput& in);
double metric_kullback_leibler(const MetricInput& in);  // log loss less the entropy of the labels
double metric_focal(const MetricInput& in);

// metric_confusion.cpp: by the predicted class, that of the largest score, or whether p is above
// the metric's number (0.5). A ratio without a denominator is 0.
double metric_binary_error(const MetricInput& in);  // y in (0, 1): the chance to be wrong
double metric_accuracy(const MetricInput& in);
double metric_balanced_accuracy(const MetricInput& in);  // mean over the classes that there are
double metric_precision(const MetricInput& in);
double metric_recall(const MetricInput& in);
double metric_f1(const MetricInput& in);
double metric_mcc(const MetricInput& in);    // Gorodkin 2004
double metric_kappa(const MetricInput& in);  // Cohen 1960

// metric_auc.cpp: 1 where all labels are the same. Of several classes, `auc` and `aucpr` are means
// of each class against the others, `auc` by the weights of the classes (as in XGBoost).
double metric_auc(const MetricInput& in);
double metric_average_precision(const MetricInput& in);  // precision by recall, in steps
double metric_prauc(const MetricInput& in);              // in straight lines (CatBoost)
double metric_aucpr(const MetricInput& in);              // as Davis and Goadrich 2006 (XGBoost)
double metric_auc_mu(const MetricInput& in);

// metric_order.cpp: only the order of the scores counts.
// Of all documents where there is no "@" (XGBoost: of 32).
double metric_ndcg(const MetricInput& in);  // a query without a document above 0 counts as 1
double metric_map(const MetricInput& in);   // "
double metric_precision_at(const MetricInput& in);
double metric_mrr(const MetricInput& in);
double metric_c_index(const MetricInput& in);

// metric_class.cpp
double metric_multi_logloss(const MetricInput& in);
double metric_multi_error(const MetricInput& in);
double metric_ova_logloss(const MetricInput& in);  // mean over the classes of their log losses
double metric_cox(const MetricInput& in);
double metric_aft(const MetricInput& in);
double metric_interval_accuracy(const MetricInput& in);  // exp(score) within the bounds

}  // namespace cne::gbdt
