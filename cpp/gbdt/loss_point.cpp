// Losses of one score and one label: regression, counts, probabilities.

#include <algorithm>
#include <cmath>

#include "core/simd.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/percentile.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace kernels {

/// Scores, labels, numbers of the objective, and where the derivatives go.
struct PointTask {
  const double* score;
  const double* label;
  int64_t n;
  double a;      // the objective's number
  double b;      // a second one
  double scale;  // what a score is multiplied by before a sigmoid
  double* gradient;
  double* hessian;
};

CNE_MULTIVERSION void absolute(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double r = t.score[i] - t.label[i];
    t.gradient[i] = r > 0 ? 1.0 : r < 0 ? -1.0 : 0.0;
    t.hessian[i] = 1.0;
  }
}

CNE_MULTIVERSION void huber(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double r = t.score[i] - t.label[i];
    t.gradient[i] = std::min(std::max(r, -t.a), t.a);
    t.hessian[i] = 1.0;
  }
}

CNE_MULTIVERSION void quantile(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    t.gradient[i] = t.score[i] >= t.label[i] ? 1.0 - t.a : -t.a;
    t.hessian[i] = 1.0;
  }
}

CNE_MULTIVERSION void expectile(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double r = t.score[i] - t.label[i];
    const double side = 2.0 * (r > 0 ? 1.0 - t.a : t.a);
    t.gradient[i] = side * r;
    t.hessian[i] = side;
  }
}

CNE_MULTIVERSION void fair(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double r = t.score[i] - t.label[i];
    const double d = std::abs(r) + t.a;
    t.gradient[i] = t.a * r / d;
    t.hessian[i] = t.a * t.a / (d * d);
  }
}

CNE_MULTIVERSION void mape(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double r = t.score[i] - t.label[i];
    const double share = 1.0 / std::max(1.0, std::abs(t.label[i]));
    t.gradient[i] = (r > 0 ? 1.0 : r < 0 ? -1.0 : 0.0) * share;
    t.hessian[i] = 1.0;
  }
}

CNE_MULTIVERSION void poisson(const PointTask& t) {
  const double more = exp_exact(t.a);
  for (int64_t i = 0; i < t.n; ++i) {
    const double mean = exp_exact(t.score[i]);
    t.gradient[i] = mean - t.label[i];
    t.hessian[i] = mean * more;
  }
}

CNE_MULTIVERSION void gamma_loss(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double ratio = t.label[i] * exp_exact(-t.score[i]);
    t.gradient[i] = 1.0 - ratio;
    t.hessian[i] = ratio;
  }
}

CNE_MULTIVERSION void tweedie(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double one = t.label[i] * exp_exact((1.0 - t.a) * t.score[i]);
    const double two = exp_exact((2.0 - t.a) * t.score[i]);
    t.gradient[i] = two - one;
    t.hessian[i] = (t.a - 1.0) * one + (2.0 - t.a) * two;
  }
}

CNE_MULTIVERSION void cross_entropy(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const double p = sigmoid(t.scale * t.score[i]);
    t.gradient[i] = t.scale * (p - t.label[i]);
    t.hessian[i] = t.scale * t.scale * (p * (1.0 - p));
  }
}

/// With q the probability of the true label and m = 1 - q: L = -c m^gamma log q.
CNE_MULTIVERSION void focal(const PointTask& t) {
  for (int64_t i = 0; i < t.n; ++i) {
    const bool positive = t.label[i] > 0;
    const double q =
        std::max(sigmoid(positive ? t.scale * t.score[i] : -t.scale * t.score[i]), 1e-12);
    const double m =
        std::max(sigmoid(positive ? -t.scale * t.score[i] : t.scale * t.score[i]), 1e-12);
    const double c = t.b < 0 ? 1.0 : positive ? t.b : 1.0 - t.b;
    const double power = c * exp_exact(t.a * log_exact(m));
    const double log_q = log_exact(q);
    const double slope = power * (t.a * q * log_q - m);
    const double curve = q * power * (m * (t.a * log_q + t.a + 1.0) - t.a * (t.a * q * log_q - m));
    t.gradient[i] = t.scale * (positive ? slope : -slope);
    t.hessian[i] = t.scale * t.scale * std::max(curve, power * q * m);
  }
}

CNE_MULTIVERSION void apply_weights(const double* weight, int64_t n, double* gradient,
                                    double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    gradient[i] *= weight[i];
    hessian[i] *= weight[i];
  }
}

}  // namespace kernels

namespace {

using Kernel = void (*)(const kernels::PointTask&);

struct Numbers {
  double a = 0;
  double b = 0;
};

class PointLoss : public Loss {
 public:
  PointLoss(const ObjectiveOptions& options, Kernel kernel, std::vector<Numbers> numbers,
            const Labels& labels)
      : kind_(options.kind),
        scale_(options.sigmoid),
        kernel_(kernel),
        numbers_(std::move(numbers)),
        labels_(labels) {}

  std::vector<double> base_scores() const override {
    std::vector<double> out;
    for (const Numbers& numbers : numbers_) out.push_back(base_score(numbers));
    return out;
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    const Numbers& numbers = numbers_[output];
    kernel_({scores + output * labels_.rows + begin, labels_.label + begin, end - begin, numbers.a,
             numbers.b, scale_, gradient, hessian});
    if (labels_.weight != nullptr)
      kernels::apply_weights(labels_.weight + begin, end - begin, gradient, hessian);
  }

  bool leaf_value(const double* scores, int output, const int32_t* rows, int64_t count,
                  double* out) const override {
    if (!is_percentile()) return false;
    const double* own = scores + output * labels_.rows;
    std::vector<Weighted> residuals(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i)
      residuals[i] = {labels_.label[rows[i]] - own[rows[i]], weight_of(rows[i])};
    *out = weighted_percentile(residuals, share(numbers_[output]));
    return true;
  }

 private:
  bool is_percentile() const {
    return kind_ == Objective::kAbsoluteError || kind_ == Objective::kQuantile ||
           kind_ == Objective::kMape;
  }
  double share(const Numbers& numbers) const {
    return kind_ == Objective::kQuantile ? numbers.a : 0.5;
  }
  double weight_of(int64_t row) const {
    const double weight = labels_.weight_of(row);
    return kind_ == Objective::kMape ? weight / std::max(1.0, std::abs(labels_.label[row]))
                                     : weight;
  }

  double base_score(const Numbers& numbers) const {
    if (is_percentile()) {
      std::vector<Weighted> values;
      for (int64_t i = 0; i < labels_.rows; ++i)
        if (labels_.weight_of(i) > 0) values.emplace_back(labels_.label[i], weight_of(i));
      return weighted_percentile(values, share(numbers));
    }
    const double mean = weighted_mean(labels_, labels_.label);
    switch (kind_) {
      case Objective::kExpectile:
        return find_expectile(mean, numbers.a);
      case Objective::kPoisson:
      case Objective::kGamma:
      case Objective::kTweedie:
        return log_exact(std::max(mean, 1e-12));
      case Objective::kCrossEntropy:
      case Objective::kFocal: {
        const double p = std::clamp(mean, 1e-12, 1 - 1e-12);
        return log_exact(p / (1.0 - p)) / scale_;
      }
      default:
        return mean;
    }
  }

  /// The weighted mean in which labels above it count alpha, those below 1 - alpha: each step is
  /// exact once the sides no longer change.
  double find_expectile(double start, double alpha) const {
    double at = start;
    for (int step = 0; step < 50; ++step) {
      const double next = mean_by(
          labels_.rows,
          [&](int64_t i) {
            return labels_.weight_of(i) * (labels_.label[i] > at ? alpha : 1 - alpha);
          },
          [&](int64_t i) { return labels_.label[i]; });
      if (next == at) break;
      at = next;
    }
    return at;
  }

  Objective kind_;
  double scale_;
  Kernel kernel_;
  std::vector<Numbers> numbers_;
  const Labels& labels_;
};

std::vector<Numbers> shares(const ObjectiveOptions& options) {
  if (options.quantiles.empty()) return {{0.5, 0}};
  std::vector<Numbers> out;
  for (const double share : options.quantiles) out.push_back({share, 0});
  return out;
}

}  // namespace

std::unique_ptr<Loss> make_point_loss(const ObjectiveOptions& options, const Labels& labels) {
  const auto make = [&](Kernel kernel, std::vector<Numbers> numbers) {
    return std::make_unique<PointLoss>(options, kernel, std::move(numbers), labels);
  };
  switch (options.kind) {
    case Objective::kAbsoluteError:
      return make(kernels::absolute, {{0, 0}});
    case Objective::kHuber:
      return make(kernels::huber, {{options.huber_delta, 0}});
    case Objective::kQuantile:
      return make(kernels::quantile, shares(options));
    case Objective::kExpectile:
      return make(kernels::expectile, shares(options));
    case Objective::kFair:
      return make(kernels::fair, {{options.fair_c, 0}});
    case Objective::kMape:
      return make(kernels::mape, {{0, 0}});
    case Objective::kPoisson:
      return make(kernels::poisson, {{options.max_delta_step, 0}});
    case Objective::kGamma:
      return make(kernels::gamma_loss, {{0, 0}});
    case Objective::kTweedie:
      return make(kernels::tweedie, {{options.tweedie_power, 0}});
    case Objective::kCrossEntropy:
      return make(kernels::cross_entropy, {{0, 0}});
    default:
      return make(kernels::focal, {{options.focal_gamma, options.focal_alpha}});
  }
}

}  // namespace cne::gbdt
