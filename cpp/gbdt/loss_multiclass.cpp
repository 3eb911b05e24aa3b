// Several classes: softmax, and one against all.

#include <algorithm>
#include <cmath>

#include "core/simd.h"
#include "gbdt/loss_math.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace kernels {

constexpr int64_t kBlock = 256;

/// log(sum_k exp(score_k)) of at most kBlock rows; those of a class are `stride` behind the last's.
CNE_MULTIVERSION void log_sum_exp(const double* scores, int64_t stride, int classes, int64_t n,
                                  double* out) {
  double most[kBlock];
  double sum[kBlock];
  for (int64_t i = 0; i < n; ++i) {
    most[i] = scores[i];
    sum[i] = 0;
  }
  for (int k = 1; k < classes; ++k)
    for (int64_t i = 0; i < n; ++i) {
      const double score = scores[k * stride + i];
      most[i] = most[i] < score ? score : most[i];
    }
  for (int k = 0; k < classes; ++k)
    for (int64_t i = 0; i < n; ++i) sum[i] += exp_exact(scores[k * stride + i] - most[i]);
  for (int64_t i = 0; i < n; ++i) out[i] = most[i] + log_exact(sum[i]);
}

CNE_MULTIVERSION void softmax_derivatives(const double* score, const double* log_sum,
                                          const double* label, double own, double factor, int64_t n,
                                          double* gradient, double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    const Derivatives d = softmax_at(score[i], log_sum[i], label[i] == own, factor);
    gradient[i] = d.gradient;
    hessian[i] = d.hessian;
  }
}

CNE_MULTIVERSION void one_against_all(const double* score, const double* label, double own,
                                      double scale, int64_t n, double* gradient, double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    const Derivatives d = one_against_all_at(score[i], label[i] == own, scale);
    gradient[i] = d.gradient;
    hessian[i] = d.hessian;
  }
}

CNE_MULTIVERSION void multiply(const double* weight, int64_t n, double* gradient, double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    gradient[i] *= weight[i];
    hessian[i] *= weight[i];
  }
}

}  // namespace kernels

namespace {

void weigh(const Labels& labels, int64_t begin, int64_t n, double* gradient, double* hessian) {
  if (labels.weight != nullptr) kernels::multiply(labels.weight + begin, n, gradient, hessian);
}

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
      for (int64_t i = begin; i < end; i += kernels::kBlock)
        kernels::log_sum_exp(scores + i, labels_.rows, classes_, std::min(kernels::kBlock, end - i),
                             log_sum_.data() + i);
    });
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    kernels::softmax_derivatives(scores + output * labels_.rows + begin, log_sum_.data() + begin,
                                 labels_.label + begin, output, factor_, end - begin, gradient,
                                 hessian);
    weigh(labels_, begin, end - begin, gradient, hessian);
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
    kernels::one_against_all(scores + output * labels_.rows + begin, labels_.label + begin, output,
                             sigmoid_, end - begin, gradient, hessian);
    weigh(labels_, begin, end - begin, gradient, hessian);
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
