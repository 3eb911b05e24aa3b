// Several classes: softmax, and one against all.

#include <algorithm>
#include <cmath>

#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

/// The weighted share of each class.
std::vector<double> class_shares(const Labels& labels, int classes) {
  std::vector<double> out;
  for (int k = 0; k < classes; ++k)
    out.push_back(
        weighted_mean_of(labels, [&](int64_t i) { return labels.label[i] == k ? 1.0 : 0.0; }));
  return out;
}

/// With p_k the softmax of the scores: w (p_k - [y = k]), w p_k (1 - p_k) K / (K - 1); the factor
/// makes up for the K outputs that move together (LightGBM).
class SoftmaxLoss : public Loss {
 public:
  SoftmaxLoss(const ObjectiveOptions& options, const Labels& labels)
      : classes_(options.classes),
        factor_(static_cast<double>(classes_) / std::max(1, classes_ - 1)),
        labels_(labels),
        most_(largest_weight(labels)),
        log_sum_(static_cast<size_t>(labels.rows)) {}

  std::vector<double> base_scores() const override {
    std::vector<double> out = class_shares(labels_, classes_);
    for (double& share : out) share = log_exact(std::max(share, 1e-15));
    return out;
  }

  void prepare(const double* scores, int round) override {
    static_cast<void>(round);
    parallel_for(labels_.rows, kRowGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        double most = scores[i];
        for (int k = 1; k < classes_; ++k) most = std::max(most, scores[k * labels_.rows + i]);
        double sum = 0;
        for (int k = 0; k < classes_; ++k) sum += exp_exact(scores[k * labels_.rows + i] - most);
        log_sum_[i] = most + log_exact(sum);
      }
    });
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    const double* own = scores + output * labels_.rows;
    for (int64_t i = begin; i < end; ++i) {
      const double p = exp_exact(own[i] - log_sum_[i]);
      const double w = labels_.weight_of(i);
      gradient[i - begin] = w * (p - (labels_.label[i] == output ? 1.0 : 0.0));
      hessian[i - begin] = w * factor_ * std::max(0.0, p * (1.0 - p));
    }
  }

  bool bounds(int output, DerivativeBounds* out) const override {
    static_cast<void>(output);
    // A probability may be above 1 by what rounding leaves.
    *out = {most_ * (1 + 1e-9), most_ * factor_ / 4};
    return true;
  }

 private:
  int classes_;
  double factor_;
  const Labels& labels_;
  double most_;
  std::vector<double> log_sum_;
};

/// A log loss for each class against the others.
class OneAgainstAllLoss : public Loss {
 public:
  OneAgainstAllLoss(const ObjectiveOptions& options, const Labels& labels)
      : classes_(options.classes),
        sigmoid_(options.sigmoid),
        labels_(labels),
        most_(largest_weight(labels)) {}

  std::vector<double> base_scores() const override {
    std::vector<double> out = class_shares(labels_, classes_);
    for (double& share : out) {
      const double p = std::clamp(share, 1e-12, 1 - 1e-12);
      share = log_exact(p / (1.0 - p)) / sigmoid_;
    }
    return out;
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    const double* own = scores + output * labels_.rows;
    for (int64_t i = begin; i < end; ++i) {
      const double p = sigmoid(sigmoid_ * own[i]);
      const double w = labels_.weight_of(i) * sigmoid_;
      gradient[i - begin] = w * (p - (labels_.label[i] == output ? 1.0 : 0.0));
      hessian[i - begin] = w * sigmoid_ * (p * (1.0 - p));
    }
  }

  bool bounds(int output, DerivativeBounds* out) const override {
    static_cast<void>(output);
    *out = {most_ * sigmoid_, most_ * sigmoid_ * sigmoid_ / 4};
    return true;
  }

 private:
  int classes_;
  double sigmoid_;
  const Labels& labels_;
  double most_;
};

}  // namespace

std::unique_ptr<Loss> make_multiclass_loss(const ObjectiveOptions& options, const Labels& labels) {
  if (options.kind == Objective::kMulticlass) return std::make_unique<SoftmaxLoss>(options, labels);
  return std::make_unique<OneAgainstAllLoss>(options, labels);
}

}  // namespace cne::gbdt
