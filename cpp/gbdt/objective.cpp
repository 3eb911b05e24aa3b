#include "gbdt/objective.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "core/simd.h"
#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void log_loss_gradients(const double* score, const double* label,
                                         const double* weight, int64_t n, double gradient_scale,
                                         double hessian_scale, Gradient* out) {
  for (int64_t i = 0; i < n; ++i) {
    const double p = sigmoid(score[i]);
    const double w = weight != nullptr ? weight[i] : 1.0;
    out[i].gradient = round_fixed(w * (p - label[i]) * gradient_scale);
    out[i].hessian = round_fixed(w * (p * (1.0 - p)) * hessian_scale);
  }
}

CNE_MULTIVERSION void squared_gradients(const double* score, const double* label,
                                        const double* weight, int64_t n, double gradient_scale,
                                        double hessian_scale, Gradient* out) {
  for (int64_t i = 0; i < n; ++i) {
    const double w = weight != nullptr ? weight[i] : 1.0;
    out[i].gradient = round_fixed(w * (score[i] - label[i]) * gradient_scale);
    out[i].hessian = round_fixed(w * hessian_scale);
  }
}

CNE_MULTIVERSION void sigmoid_all(double* scores, int64_t n) {
  for (int64_t i = 0; i < n; ++i) scores[i] = sigmoid(scores[i]);
}

}  // namespace kernels

namespace {

constexpr int64_t kGrain = 16384;

/// Folds per-piece results in the order of the pieces, so that threads do not matter.
template <typename T, typename Piece, typename Fold>
T fold_pieces(int64_t n, T start, const Piece& piece, const Fold& fold) {
  const int64_t pieces = (n + kGrain - 1) / kGrain;
  std::vector<T> parts(static_cast<size_t>(pieces), start);
  parallel_tasks(pieces, [&](int64_t task, int) {
    parts[task] = piece(task * kGrain, std::min(n, (task + 1) * kGrain));
  });
  for (const T& part : parts) start = fold(start, part);
  return start;
}

struct Mean {
  double sum = 0;
  double weight = 0;
};

Mean add(const Mean& a, const Mean& b) { return {a.sum + b.sum, a.weight + b.weight}; }

double larger(double a, double b) { return std::max(a, b); }

/// 2^e >= bound, as the unit whose 2^30-fold covers it.
double unit_for(double bound) {
  if (bound == 0) return 1.0;
  int exponent = 0;
  std::frexp(bound, &exponent);
  // A unit below 2^-990 has an inverse that is not a finite number.
  return std::ldexp(1.0, std::max(exponent - 30, -990));
}

double largest_weight(const Labels& labels) {
  if (labels.weight == nullptr) return 1.0;
  return fold_pieces(
      labels.rows, 0.0,
      [&](int64_t begin, int64_t end) {
        return *std::max_element(labels.weight + begin, labels.weight + end);
      },
      larger);
}

double largest_residual(const Labels& labels, const double* scores) {
  return fold_pieces(
      labels.rows, 0.0,
      [&](int64_t begin, int64_t end) {
        double most = 0;
        for (int64_t i = begin; i < end; ++i)
          most = std::max(most, labels.weight_of(i) * std::abs(scores[i] - labels.label[i]));
        return most;
      },
      larger);
}

}  // namespace

void check_labels(Objective objective, const Labels& labels, const char* function) {
  double total = 0;
  for (int64_t i = 0; i < labels.rows; ++i) {
    const double y = labels.label[i];
    if (!std::isfinite(y))
      throw ArgumentError(
          message(function, ": expected finite labels in y, got ", y, " at row ", i));
    if (objective == Objective::kBinaryLogLoss && y != 0 && y != 1)
      throw ArgumentError(
          message(function, ": expected labels 0 and 1 in y, got ", y, " at row ", i));
    const double w = labels.weight_of(i);
    if (!std::isfinite(w) || w < 0)
      throw ArgumentError(message(function, ": expected finite weights >= 0 in sample_weight, got ",
                                  w, " at row ", i));
    total += w;
  }
  if (!(total > 0))
    throw ArgumentError(message(function,
                                ": expected a sample_weight above 0, but the weights of all ",
                                labels.rows, " rows are zero"));
  if (!std::isfinite(total))
    throw ArgumentError(
        message(function, ": expected sample_weight with a finite sum, got ", total));
}

double base_score(Objective objective, const Labels& labels) {
  const Mean mean = fold_pieces(
      labels.rows, Mean{},
      [&](int64_t begin, int64_t end) {
        Mean part;
        for (int64_t i = begin; i < end; ++i) {
          part.sum += labels.weight_of(i) * labels.label[i];
          part.weight += labels.weight_of(i);
        }
        return part;
      },
      add);
  const double value = mean.sum / mean.weight;
  if (objective == Objective::kSquaredError) return value;
  const double p = std::clamp(value, 1e-12, 1 - 1e-12);
  return log_exact(p / (1.0 - p));
}

GradientUnits compute_gradients(Objective objective, const Labels& labels, const double* scores,
                                std::vector<Gradient>& out) {
  out.resize(static_cast<size_t>(labels.rows));
  const bool log_loss = objective == Objective::kBinaryLogLoss;
  const double most_weight = largest_weight(labels);
  GradientUnits units;
  units.gradient = unit_for(log_loss ? most_weight : largest_residual(labels, scores));
  units.hessian = unit_for(log_loss ? most_weight / 4 : most_weight);
  const auto kernel = log_loss ? kernels::log_loss_gradients : kernels::squared_gradients;
  parallel_for(labels.rows, kGrain, [&](int64_t begin, int64_t end) {
    kernel(scores + begin, labels.label + begin,
           labels.weight != nullptr ? labels.weight + begin : nullptr, end - begin,
           1.0 / units.gradient, 1.0 / units.hessian, out.data() + begin);
  });
  return units;
}

double mean_loss(Objective objective, const Labels& labels, const double* scores) {
  const Mean mean = fold_pieces(
      labels.rows, Mean{},
      [&](int64_t begin, int64_t end) {
        Mean part;
        for (int64_t i = begin; i < end; ++i) {
          const double s = scores[i];
          const double y = labels.label[i];
          const double loss =
              objective == Objective::kSquaredError ? (s - y) * (s - y) : softplus(s) - y * s;
          part.sum += labels.weight_of(i) * loss;
          part.weight += labels.weight_of(i);
        }
        return part;
      },
      add);
  return mean.sum / mean.weight;
}

void transform_scores(Objective objective, double* scores, int64_t rows) {
  if (objective == Objective::kBinaryLogLoss) kernels::sigmoid_all(scores, rows);
}

const char* metric_name(Objective objective) {
  return objective == Objective::kBinaryLogLoss ? "binary_logloss" : "l2";
}

}  // namespace cne::gbdt
