// What predicted classes and labels have in common.

#include <cmath>

#include "gbdt/metrics.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

bool has_classes(const MetricInput& in) {
  return in.options.kind == Objective::kMulticlass || in.options.kind == Objective::kMulticlassOva;
}

/// Whether a score stands for label 1. Without a number of the metric's, a sigmoid is above 0.5
/// just where its score is above 0.
bool is_positive(const MetricInput& in, double score) {
  if (!in.metric.number && link_of(in.options) == Link::kSigmoid) return score > 0;
  return predicted(in, score) > in.metric.number.value_or(0.5);
}

size_t class_of(const MetricInput& in, int64_t row) {
  if (!has_classes(in)) return is_positive(in, in.scores[row]) ? 1 : 0;
  size_t best = 0;
  for (int k = 1; k < output_count(in.options); ++k)
    if (in.scores[k * in.labels.rows + row] >
        in.scores[static_cast<int64_t>(best) * in.labels.rows + row])
      best = static_cast<size_t>(k);
  return best;
}

size_t label_of(const MetricInput& in, int64_t row) {
  const double y = in.labels.label[row];
  return has_classes(in) ? static_cast<size_t>(y) : y > 0.5 ? 1 : 0;
}

/// Weights by label and predicted class.
class Confusion {
 public:
  explicit Confusion(const MetricInput& in)
      : classes_(has_classes(in) ? static_cast<size_t>(output_count(in.options)) : 2) {
    using Table = std::vector<double>;
    const Table none(classes_ * classes_);
    table_ = fold_rows(
        in.labels.rows, none,
        [&](int64_t begin, int64_t end) {
          Table part = none;
          for (int64_t i = begin; i < end; ++i)
            part[label_of(in, i) * classes_ + class_of(in, i)] += in.labels.weight_of(i);
          return part;
        },
        [](Table sum, const Table& part) {
          for (size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
          return sum;
        });
  }

  size_t classes() const { return classes_; }
  double at(size_t label, size_t predicted) const { return table_[label * classes_ + predicted]; }
  double of_label(size_t label) const {
    double out = 0;
    for (size_t k = 0; k < classes_; ++k) out += at(label, k);
    return out;
  }
  double of_predicted(size_t predicted) const {
    double out = 0;
    for (size_t k = 0; k < classes_; ++k) out += at(k, predicted);
    return out;
  }
  double right() const {
    double out = 0;
    for (size_t k = 0; k < classes_; ++k) out += at(k, k);
    return out;
  }
  double total() const {
    double out = 0;
    for (const double weight : table_) out += weight;
    return out;
  }
  /// The sum over classes of the products of a label's and a prediction's weights.
  double by_chance() const {
    double out = 0;
    for (size_t k = 0; k < classes_; ++k) out += of_label(k) * of_predicted(k);
    return out;
  }

 private:
  size_t classes_;
  std::vector<double> table_;
};

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

}  // namespace

double metric_binary_error(const MetricInput& in) {
  return weighted_mean_of(in.labels, [&](int64_t i) {
    const double y = in.labels.label[i] <= 0 ? 0.0 : std::min(in.labels.label[i], 1.0);
    return is_positive(in, in.scores[i]) ? 1 - y : y;
  });
}

double metric_accuracy(const MetricInput& in) {
  const Confusion found(in);
  return found.right() / found.total();
}

double metric_balanced_accuracy(const MetricInput& in) {
  const Confusion found(in);
  double sum = 0;
  int there = 0;
  for (size_t k = 0; k < found.classes(); ++k) {
    if (!(found.of_label(k) > 0)) continue;
    sum += found.at(k, k) / found.of_label(k);
    ++there;
  }
  return sum / there;
}

double metric_precision(const MetricInput& in) {
  const Confusion found(in);
  return ratio(found.at(1, 1), found.of_predicted(1));
}

double metric_recall(const MetricInput& in) {
  const Confusion found(in);
  return ratio(found.at(1, 1), found.of_label(1));
}

double metric_f1(const MetricInput& in) {
  const Confusion found(in);
  return ratio(2 * found.at(1, 1), found.of_label(1) + found.of_predicted(1));
}

double metric_mcc(const MetricInput& in) {
  const Confusion found(in);
  const double all = found.total();
  double labels = all * all;
  double predictions = all * all;
  for (size_t k = 0; k < found.classes(); ++k) {
    labels -= found.of_label(k) * found.of_label(k);
    predictions -= found.of_predicted(k) * found.of_predicted(k);
  }
  // Rounding may leave a little of what is 0.
  const double least = 1e-12 * all * all;
  if (!(labels > least && predictions > least)) return 0.0;
  return (all * found.right() - found.by_chance()) / (std::sqrt(labels) * std::sqrt(predictions));
}

double metric_kappa(const MetricInput& in) {
  const Confusion found(in);
  const double all = found.total();
  const double chance = found.by_chance() / (all * all);
  return chance < 1 ? (found.right() / all - chance) / (1 - chance) : 0.0;
}

}  // namespace cne::gbdt
