// Squared error and log loss.

#include <algorithm>
#include <cmath>

#include "core/simd.h"
#include "gbdt/loss_math.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace kernels {

// With and without weights apart: a load that depends on a condition is not vectorised.

CNE_MULTIVERSION void squared_derivatives(const double* score, const double* label,
                                          const double* weight, int64_t n, double* gradient,
                                          double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    gradient[i] = score[i] - label[i];
    hessian[i] = 1.0;
  }
  if (weight == nullptr) return;
  for (int64_t i = 0; i < n; ++i) {
    gradient[i] *= weight[i];
    hessian[i] = weight[i];
  }
}

CNE_MULTIVERSION void log_loss_derivatives(const double* score, const double* label,
                                           const double* weight, int64_t n, double scale,
                                           double positive, double* gradient, double* hessian) {
  for (int64_t i = 0; i < n; ++i) {
    const Derivatives d = log_loss_at(score[i], label[i], scale, positive);
    gradient[i] = d.gradient;
    hessian[i] = d.hessian;
  }
  if (weight == nullptr) return;
  for (int64_t i = 0; i < n; ++i) {
    gradient[i] *= weight[i];
    hessian[i] *= weight[i];
  }
}

}  // namespace kernels

namespace {

const double* shifted(const double* values, int64_t begin) {
  return values != nullptr ? values + begin : nullptr;
}

class SquaredLoss : public Loss {
 public:
  explicit SquaredLoss(const Labels& labels) : labels_(labels) {}

  std::vector<double> base_scores() const override {
    std::vector<double> out;
    for (int k = 0; k < labels_.width; ++k)
      out.push_back(weighted_mean(labels_, labels_.label + k * labels_.rows));
    return out;
  }
  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    const int64_t first = output * labels_.rows + begin;
    kernels::squared_derivatives(scores + first, labels_.label + first,
                                 shifted(labels_.weight, begin), end - begin, gradient, hessian);
  }

 private:
  const Labels& labels_;
};

class BinaryLoss : public Loss {
 public:
  BinaryLoss(const ObjectiveOptions& options, const Labels& labels)
      : scale_(options.sigmoid),
        positive_(options.scale_pos_weight),
        labels_(labels),
        most_(largest_weight(labels) * std::max(1.0, positive_)) {}

  std::vector<double> base_scores() const override {
    const double share = weighted_mean(labels_, labels_.label);
    const double p =
        std::clamp(positive_ * share / (positive_ * share + (1.0 - share)), 1e-12, 1 - 1e-12);
    return {log_exact(p / (1.0 - p)) / scale_};
  }
  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    static_cast<void>(output);
    kernels::log_loss_derivatives(scores + begin, labels_.label + begin,
                                  shifted(labels_.weight, begin), end - begin, scale_, positive_,
                                  gradient, hessian);
  }
  bool bounds(int output, DerivativeBounds* out) const override {
    static_cast<void>(output);
    *out = {most_ * scale_, most_ * scale_ * scale_ / 4};
    return true;
  }

 private:
  double scale_;
  double positive_;
  const Labels& labels_;
  double most_;
};

}  // namespace

std::unique_ptr<Loss> make_squared_loss(const ObjectiveOptions& options, const Labels& labels) {
  static_cast<void>(options);
  return std::make_unique<SquaredLoss>(labels);
}

std::unique_ptr<Loss> make_binary_loss(const ObjectiveOptions& options, const Labels& labels) {
  return std::make_unique<BinaryLoss>(options, labels);
}

}  // namespace cne::gbdt
