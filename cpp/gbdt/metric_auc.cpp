// Areas under curves.

#include <cmath>

#include "gbdt/metrics.h"
#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace {

/// A curve's value and the weight of its ones.
struct Area {
  double value = 1;
  double ones = 0;
};

/// Visits the weights of the ones and of the others for each distinct score, from the largest.
/// `side(row)` is 1 for ones, -1 for others, 0 for what is neither.
template <typename Side, typename Visit>
void by_score(const Labels& labels, const double* scores, const Side& side, const Visit& visit) {
  const std::vector<int64_t> order = by_falling_score(scores, labels.rows);
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double ones = 0;
    double others = 0;
    for (end = begin; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end) {
      const int which = side(order[end]);
      if (which != 0) (which > 0 ? ones : others) += labels.weight_of(order[end]);
    }
    visit(ones, others);
  }
}

/// The chance that a one has a larger score than another row, ties by half.
template <typename Side>
Area roc_area(const Labels& labels, const double* scores, const Side& side) {
  double above = 0;
  double pairs = 0;
  double total = 0;
  by_score(labels, scores, side, [&](double ones, double others) {
    pairs += others * (above + ones / 2);
    above += ones;
    total += others;
  });
  return {above > 0 && total > 0 ? pairs / (above * total) : 1.0, above};
}

/// The area under precision by recall. Between two scores the others rise with the ones in a
/// straight line, others = h ones + b, of which ones / (ones + others) has the integral below
/// (Davis and Goadrich 2006; Boyd et al. 2013).
template <typename Side>
Area precision_recall_area(const Labels& labels, const double* scores, const Side& side) {
  double ones = 0;
  double others = 0;
  double sum = 0;
  by_score(labels, scores, side, [&](double more, double more_others) {
    if (more > 0) {
      const double h = more_others / more;
      const double b = others - h * ones;
      const double low = (1 + h) * ones + b;  // ones + others
      double area = more;
      if (b != 0) {
        const double ratio = (low + (1 + h) * more) / low;  // b != 0: some others come before
        area -= b / (1 + h) * log_exact(ratio);
      }
      sum += area / (1 + h);
    }
    ones += more;
    others += more_others;
  });
  return {ones > 0 && others > 0 ? sum / ones : 1.0, ones};
}

/// An area of labels above 0, or of each class against the others by probability: the mean of the
/// classes, `by_weight` or each as much.
template <typename Find>
double area_by_class(const MetricInput& in, bool by_weight, const Find& find) {
  const Labels& labels = in.labels;
  const bool classes =
      in.options.kind == Objective::kMulticlass || in.options.kind == Objective::kMulticlassOva;
  if (!classes)
    return find(labels, in.scores, [&](int64_t i) { return labels.label[i] > 0 ? 1 : -1; }).value;
  const int outputs = output_count(in.options);
  std::vector<double> chances(static_cast<size_t>(labels.rows * outputs));
  std::vector<double> row;
  for (int64_t i = 0; i < labels.rows; ++i) {
    predict_outputs(in, i, row);
    for (int k = 0; k < outputs; ++k) chances[k * labels.rows + i] = row[k];
  }
  double sum = 0;
  double weight = 0;
  for (int k = 0; k < outputs; ++k) {
    const Area area = find(labels, chances.data() + k * labels.rows,
                           [&](int64_t i) { return labels.label[i] == k ? 1 : -1; });
    sum += (by_weight ? area.ones : 1.0) * area.value;
    weight += by_weight ? area.ones : 1.0;
  }
  return sum / weight;
}

}  // namespace

double metric_auc(const MetricInput& in) {
  return area_by_class(in, true, [](const auto&... arguments) { return roc_area(arguments...); });
}

double metric_aucpr(const MetricInput& in) {
  return area_by_class(
      in, false, [](const auto&... arguments) { return precision_recall_area(arguments...); });
}

/// The sum over scores of the gain in recall times the precision.
double metric_average_precision(const MetricInput& in) {
  double ones = 0;
  double all = 0;
  double sum = 0;
  const auto side = [&](int64_t i) { return in.labels.label[i] > 0 ? 1 : -1; };
  by_score(in.labels, in.scores, side, [&](double more, double others) {
    ones += more;
    all += more + others;
    if (all > 0) sum += more * ones / all;
  });
  return ones > 0 ? sum / ones : 1.0;
}

/// The area under straight lines between the points of precision by recall.
double metric_prauc(const MetricInput& in) {
  double ones = 0;
  double all = 0;
  double before = 1;
  double sum = 0;
  const auto side = [&](int64_t i) { return in.labels.label[i] > 0 ? 1 : -1; };
  by_score(in.labels, in.scores, side, [&](double more, double others) {
    ones += more;
    all += more + others;
    const double precision = all > 0 ? ones / all : before;
    sum += more * (before + precision) / 2;
    before = precision;
  });
  return ones > 0 ? sum / ones : 1.0;
}

/// The mean over pairs of classes, both there, of the area under the curve of the difference of
/// their scores (Kleiman and Page 2019, with the partition by the larger score).
double metric_auc_mu(const MetricInput& in) {
  const Labels& labels = in.labels;
  const int classes = output_count(in.options);
  std::vector<double> weight(static_cast<size_t>(classes));
  for (int64_t i = 0; i < labels.rows; ++i)
    weight[static_cast<size_t>(labels.label[i])] += labels.weight_of(i);
  std::vector<double> apart(static_cast<size_t>(labels.rows));
  double sum = 0;
  int pairs = 0;
  for (int a = 0; a < classes; ++a) {
    for (int b = a + 1; b < classes; ++b) {
      if (!(weight[a] > 0 && weight[b] > 0)) continue;
      for (int64_t i = 0; i < labels.rows; ++i)
        apart[i] = in.scores[a * labels.rows + i] - in.scores[b * labels.rows + i];
      const auto side = [&](int64_t i) {
        return labels.label[i] == a ? 1 : labels.label[i] == b ? -1 : 0;
      };
      sum += roc_area(labels, apart.data(), side).value;
      ++pairs;
    }
  }
  return pairs > 0 ? sum / pairs : 1.0;
}

}  // namespace cne::gbdt
