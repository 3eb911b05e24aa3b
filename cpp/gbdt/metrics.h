#pragma once

#include "gbdt/metric.h"

namespace cne::gbdt {

/// What a metric is computed from.
struct MetricInput {
  const Metric& metric;
  const ObjectiveOptions& options;
  const Labels& labels;
  const double* scores;  // output-major
};

// One function for each metric of metric.cpp's list. Means are weighted; those of several outputs
// are means over the outputs.

// metric_point.cpp: scores go through the link of the objective.
double metric_l2(const MetricInput& in);
double metric_rmse(const MetricInput& in);
double metric_l1(const MetricInput& in);
double metric_mape(const MetricInput& in);
double metric_r2(const MetricInput& in);
double metric_huber(const MetricInput& in);
double metric_fair(const MetricInput& in);
double metric_quantile(const MetricInput& in);
double metric_expectile(const MetricInput& in);
double metric_poisson(const MetricInput& in);
double metric_gamma(const MetricInput& in);
double metric_gamma_deviance(const MetricInput& in);
double metric_tweedie(const MetricInput& in);
double metric_binary_logloss(const MetricInput& in);
double metric_binary_error(const MetricInput& in);
double metric_focal(const MetricInput& in);

// metric_order.cpp: only the order of the scores counts.
double metric_auc(const MetricInput& in);
double metric_average_precision(const MetricInput& in);
double metric_ndcg(const MetricInput& in);  // a query without a document above 0 counts as 1
double metric_map(const MetricInput& in);
double metric_mrr(const MetricInput& in);
double metric_c_index(const MetricInput& in);

// metric_class.cpp
double metric_multi_logloss(const MetricInput& in);
double metric_multi_error(const MetricInput& in);
double metric_cox(const MetricInput& in);
double metric_aft(const MetricInput& in);

}  // namespace cne::gbdt
