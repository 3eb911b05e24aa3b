#include <algorithm>
#include <cmath>
#include <numeric>

#include "gbdt/aft.h"
#include "gbdt/metrics.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

void predict_outputs(const MetricInput& in, int64_t row, std::vector<double>& out) {
  const int outputs = output_count(in.options);
  out.resize(static_cast<size_t>(outputs));
  for (int k = 0; k < outputs; ++k) out[k] = in.scores[k * in.labels.rows + row];
  transform_scores(link_of(in.options), in.options.sigmoid, outputs, out.data(), 1);
}

/// One against all: of the probabilities scaled to add up to 1.
double metric_multi_logloss(const MetricInput& in) {
  return weighted_mean_of(in.labels, [&](int64_t i) {
    thread_local std::vector<double> p;
    predict_outputs(in, i, p);
    double sum = 0;
    for (const double v : p) sum += v;
    return -log_exact(std::max(p[static_cast<size_t>(in.labels.label[i])] / sum, 1e-15));
  });
}

/// A row is wrong when as many classes as `at` (1 where not given) have a score at least its own.
double metric_multi_error(const MetricInput& in) {
  const int at = std::max(1, in.metric.at);
  const int classes = output_count(in.options);
  return weighted_mean_of(in.labels, [&](int64_t i) {
    const auto truth = static_cast<int>(in.labels.label[i]);
    const double own = in.scores[truth * in.labels.rows + i];
    int others = 0;
    for (int k = 0; k < classes; ++k)
      others += k != truth && in.scores[k * in.labels.rows + i] >= own;
    return others >= at ? 1.0 : 0.0;
  });
}

double metric_ova_logloss(const MetricInput& in) {
  const int classes = output_count(in.options);
  return weighted_mean_of(in.labels, [&](int64_t i) {
    double sum = 0;
    for (int k = 0; k < classes; ++k) {
      const double s = in.options.sigmoid * in.scores[k * in.labels.rows + i];
      sum += softplus(in.labels.label[i] == k ? -s : s);
    }
    return sum / classes;
  });
}

/// The negative log of the partial likelihood over the weight of the events.
double metric_cox(const MetricInput& in) {
  const Labels& labels = in.labels;
  const auto time = [&](int64_t i) { return std::abs(labels.label[i]); };
  std::vector<int64_t> order(static_cast<size_t>(labels.rows));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return time(a) > time(b); });
  const double most = *std::max_element(in.scores, in.scores + labels.rows);
  double at_risk = 0;
  double sum = 0;
  double events = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    for (; end < order.size() && time(order[end]) == time(order[begin]); ++end)
      at_risk += labels.weight_of(order[end]) * exp_exact(in.scores[order[end]] - most);
    for (size_t i = begin; i < end; ++i) {
      const int64_t row = order[i];
      if (labels.label[row] <= 0) continue;
      sum += labels.weight_of(row) * (log_exact(at_risk) + most - in.scores[row]);
      events += labels.weight_of(row);
    }
    begin = end;
  }
  return events > 0 ? sum / events : 0.0;
}

double metric_aft(const MetricInput& in) {
  const Labels& labels = in.labels;
  return weighted_mean_of(labels, [&](int64_t i) {
    const double high = labels.upper != nullptr ? labels.upper[i] : labels.label[i];
    return aft_loss(in.options.aft_noise, in.options.aft_scale, labels.label[i], high,
                    in.scores[i]);
  });
}

double metric_interval_accuracy(const MetricInput& in) {
  const Labels& labels = in.labels;
  return weighted_mean_of(labels, [&](int64_t i) {
    const double time = exp_exact(in.scores[i]);
    const double high = labels.upper != nullptr ? labels.upper[i] : labels.label[i];
    return time >= labels.label[i] && time <= high ? 1.0 : 0.0;
  });
}

}  // namespace cne::gbdt
