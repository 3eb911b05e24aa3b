#include <algorithm>
#include <cmath>

#include "gbdt/metrics.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

/// The mean of `loss(prediction, label, output)` over rows and outputs.
template <typename PointLoss>
double mean_of(const MetricInput& in, const PointLoss& loss) {
  const Labels& labels = in.labels;
  const int outputs = output_count(in.options);
  double total = 0;
  for (int k = 0; k < outputs; ++k) {
    const double* scores = in.scores + k * labels.rows;
    const double* y = labels.label + (labels.width > 1 ? k : 0) * labels.rows;
    total += weighted_mean_of(labels,
                              [&](int64_t i) { return loss(predicted(in, scores[i]), y[i], k); });
  }
  return total / outputs;
}

double share_of(const MetricInput& in, int output) {
  return in.metric.number               ? *in.metric.number
         : in.options.quantiles.empty() ? 0.5
                                        : in.options.quantiles[output];
}

/// x log x, 0 at 0.
double x_log_x(double x) { return x > 0 ? x * log_exact(std::max(x, 1e-300)) : 0.0; }

}  // namespace

double predicted(const MetricInput& in, double score) {
  switch (link_of(in.options)) {
    case Link::kExp:
      return exp_exact(score);
    case Link::kSigmoid:
      return sigmoid(in.options.sigmoid * score);
    default:
      return score;
  }
}

double metric_l2(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) { return (p - y) * (p - y); });
}

double metric_rmse(const MetricInput& in) { return std::sqrt(metric_l2(in)); }

double metric_l1(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) { return std::abs(p - y); });
}

double metric_mape(const MetricInput& in) {
  return mean_of(
      in, [](double p, double y, int) { return std::abs(p - y) / std::max(1.0, std::abs(y)); });
}

double metric_smape(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) {
    const double size = std::abs(p) + std::abs(y);
    return size > 0 ? 200 * std::abs(p - y) / size : 0.0;
  });
}

double metric_msle(const MetricInput& in) {
  const auto log_of = [](double x) { return x > -1 ? log_exact(1 + x) : std::nan(""); };
  return mean_of(in, [&](double p, double y, int) {
    const double apart = log_of(p) - log_of(y);
    return apart * apart;
  });
}

double metric_rmsle(const MetricInput& in) { return std::sqrt(metric_msle(in)); }

double metric_r2(const MetricInput& in) {
  const Labels& labels = in.labels;
  const int outputs = output_count(in.options);
  double total = 0;
  for (int k = 0; k < outputs; ++k) {
    const double* scores = in.scores + k * labels.rows;
    const double* y = labels.label + (labels.width > 1 ? k : 0) * labels.rows;
    const double mean = weighted_mean(labels, y);
    const double spread =
        weighted_mean_of(labels, [&](int64_t i) { return (y[i] - mean) * (y[i] - mean); });
    const double rest = weighted_mean_of(labels, [&](int64_t i) {
      const double r = predicted(in, scores[i]) - y[i];
      return r * r;
    });
    total += spread > 0 ? 1 - rest / spread : rest == 0 ? 1.0 : 0.0;
  }
  return total / outputs;
}

double metric_huber(const MetricInput& in) {
  const double d = in.metric.number.value_or(in.options.huber_delta);
  return mean_of(in, [d](double p, double y, int) {
    const double r = std::abs(p - y);
    return r <= d ? r * r / 2 : d * (r - d / 2);
  });
}

double metric_pseudo_huber(const MetricInput& in) {
  const double d = in.metric.number.value_or(1.0);
  return mean_of(in, [d](double p, double y, int) {
    const double r = (p - y) / d;
    return d * d * (std::sqrt(1 + r * r) - 1);
  });
}

double metric_logcosh(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) {
    const double r = std::abs(p - y);
    return r + softplus(-2 * r) - 0.6931471805599453;
  });
}

double metric_fair(const MetricInput& in) {
  const double c = in.metric.number.value_or(in.options.fair_c);
  return mean_of(in, [c](double p, double y, int) {
    const double r = std::abs(p - y) / c;
    return c * c * (r - log_exact(1 + r));
  });
}

double metric_quantile(const MetricInput& in) {
  return mean_of(in, [&](double p, double y, int k) {
    const double a = share_of(in, k);
    return y >= p ? a * (y - p) : (1 - a) * (p - y);
  });
}

double metric_expectile(const MetricInput& in) {
  return mean_of(in, [&](double p, double y, int k) {
    const double a = share_of(in, k);
    return (y > p ? a : 1 - a) * (y - p) * (y - p);
  });
}

/// p - y log p: what depends on the prediction.
double metric_poisson(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) {
    const double mean = std::max(p, 1e-10);
    return mean - y * log_exact(mean);
  });
}

double metric_poisson_nloglik(const MetricInput& in) {
  return metric_poisson(in) +
         mean_of(in, [](double, double y, int) { return lgamma_exact(std::max(y, 0.0) + 1); });
}

/// -log density with shape 1: y / p + log p.
double metric_gamma(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) {
    const double mean = std::max(p, 1e-10);
    return y / mean + log_exact(mean);
  });
}

/// 2 (y / p - log(y / p) - 1).
double metric_gamma_deviance(const MetricInput& in) {
  return mean_of(in, [](double p, double y, int) {
    const double ratio = y / std::max(p, 1e-10);
    return 2 * (ratio - log_exact(std::max(ratio, 1e-300)) - 1);
  });
}

double metric_tweedie(const MetricInput& in) {
  const double rho = in.metric.number.value_or(in.options.tweedie_power);
  return mean_of(in, [rho](double p, double y, int) {
    const double score = log_exact(std::max(p, 1e-10));
    return exp_exact((2 - rho) * score) / (2 - rho) - y * exp_exact((1 - rho) * score) / (1 - rho);
  });
}

double metric_binary_logloss(const MetricInput& in) {
  const double scale = in.options.sigmoid;
  return weighted_mean_of(in.labels, [&](int64_t i) {
    const double s = scale * in.scores[i];
    return softplus(s) - in.labels.label[i] * s;
  });
}

double metric_kullback_leibler(const MetricInput& in) {
  const double entropy = weighted_mean_of(in.labels, [&](int64_t i) {
    const double y = in.labels.label[i];
    return x_log_x(y) + x_log_x(1 - y);
  });
  return metric_binary_logloss(in) + entropy;
}

double metric_focal(const MetricInput& in) {
  const ObjectiveOptions& o = in.options;
  return weighted_mean_of(in.labels, [&](int64_t i) {
    const bool positive = in.labels.label[i] > 0;
    const double s = (positive ? 1 : -1) * o.sigmoid * in.scores[i];
    const double c = o.focal_alpha < 0 ? 1.0 : positive ? o.focal_alpha : 1 - o.focal_alpha;
    const double miss = std::max(sigmoid(-s), 1e-12);
    return c * exp_exact(o.focal_gamma * log_exact(miss)) * softplus(-s);
  });
}

}  // namespace cne::gbdt
