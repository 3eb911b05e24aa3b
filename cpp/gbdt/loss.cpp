#include "gbdt/loss.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "gbdt/losses.h"

namespace cne::gbdt {

namespace {

constexpr double kMostGrade = 62;  // 2^grade is a gain

void check_label(const ObjectiveOptions& options, double y, int64_t row, const char* function) {
  const auto refuse = [&](const char* what) {
    throw ArgumentError(message(function, ": expected ", what, " in y, got ", y, " at row ", row));
  };
  if (!std::isfinite(y)) refuse("finite labels");
  switch (options.kind) {
    case Objective::kBinaryLogLoss:
    case Objective::kFocal:
      if (y != 0 && y != 1) refuse("labels 0 and 1");
      return;
    case Objective::kCrossEntropy:
      if (y < 0 || y > 1) refuse("labels from 0 to 1");
      return;
    case Objective::kPoisson:
    case Objective::kTweedie:
      if (y < 0) refuse("labels >= 0");
      return;
    case Objective::kGamma:
      if (y <= 0) refuse("labels > 0");
      return;
    case Objective::kMulticlass:
    case Objective::kMulticlassOva:
      if (y < 0 || y != std::floor(y) || y >= options.classes)
        refuse(message("integer labels from 0 to ", options.classes - 1).c_str());
      return;
    case Objective::kLambdaRank:
    case Objective::kLambdaRankMap:
    case Objective::kPairwise:
    case Objective::kXendcg:
      if (y < 0 || y != std::floor(y) || y > kMostGrade)
        refuse(message("integer grades from 0 to ", kMostGrade).c_str());
      return;
    case Objective::kCox:
      if (y == 0) refuse("times other than 0 (below 0: censored)");
      return;
    case Objective::kAft:
      if (y < 0) refuse("times >= 0");
      return;
    default:
      return;
  }
}

void check_upper(const Labels& labels, const char* function) {
  for (int64_t i = 0; labels.upper != nullptr && i < labels.rows; ++i)
    if (!(labels.upper[i] >= labels.label[i]) || labels.upper[i] <= 0)
      throw ArgumentError(message(function,
                                  ": expected upper bounds above 0 and not below the "
                                  "lower ones, got ",
                                  labels.label[i], " to ", labels.upper[i], " at row ", i));
}

void check_groups(const Labels& labels, const char* function) {
  const std::vector<int64_t>& groups = labels.groups;
  if (groups.empty()) return;
  const bool rising = std::is_sorted(groups.begin(), groups.end());
  if (!rising || groups.front() != 0 || groups.back() != labels.rows)
    throw ShapeError(message(function, ": expected query groups that hold all ", labels.rows,
                             " rows, got ", groups.back(), " rows in ", groups.size() - 1,
                             " groups"));
}

}  // namespace

void check_labels(const ObjectiveOptions& options, const Labels& labels, const char* function) {
  check_objective(options, function);
  if (labels.width != options.outputs && !(options.kind == Objective::kCustom && labels.width == 1))
    throw ShapeError(message(function, ": expected ", options.outputs, " labels a row in y, got ",
                             labels.width));
  check_upper(labels, function);
  check_groups(labels, function);
  double total = 0;
  for (int64_t i = 0; i < labels.rows; ++i) {
    for (int k = 0; k < labels.width; ++k)
      check_label(options, labels.label[k * labels.rows + i], i, function);
    const double w = labels.weight_of(i);
    if (!std::isfinite(w) || w < 0)
      throw ArgumentError(message(function, ": expected finite weights >= 0 in sample_weight, got ",
                                  w, " at row ", i));
    total += w;
  }
  for (int64_t i = 0; labels.base_margin != nullptr && i < labels.rows * output_count(options); ++i)
    if (!std::isfinite(labels.base_margin[i]))
      throw ArgumentError(message(function, ": expected finite numbers in base_margin, got ",
                                  labels.base_margin[i], " at row ", i % labels.rows));
  if (!(total > 0))
    throw ArgumentError(message(function,
                                ": expected a sample_weight above 0, but the weights of all ",
                                labels.rows, " rows are zero"));
  if (!std::isfinite(total))
    throw ArgumentError(
        message(function, ": expected sample_weight with a finite sum, got ", total));
}

std::unique_ptr<Loss> make_loss(const ObjectiveOptions& options, const Labels& labels,
                                const CustomDerivatives& custom, uint64_t seed) {
  switch (options.kind) {
    case Objective::kSquaredError:
      return make_squared_loss(options, labels);
    case Objective::kBinaryLogLoss:
      return make_binary_loss(options, labels);
    case Objective::kMulticlass:
    case Objective::kMulticlassOva:
      return make_multiclass_loss(options, labels);
    case Objective::kLambdaRank:
    case Objective::kLambdaRankMap:
    case Objective::kPairwise:
    case Objective::kXendcg:
      return make_ranking_loss(options, labels, seed);
    case Objective::kCox:
    case Objective::kAft:
      return make_survival_loss(options, labels);
    case Objective::kCustom:
      if (!custom) throw ArgumentError("train: expected the derivatives of a custom objective");
      return make_custom_loss(options, labels, custom);
    default:
      return make_point_loss(options, labels);
  }
}

}  // namespace cne::gbdt
