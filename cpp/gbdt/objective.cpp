#include "gbdt/objective.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/simd.h"
#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void sigmoid_all(double* scores, int64_t n, double scale) {
  for (int64_t i = 0; i < n; ++i) scores[i] = sigmoid(scale * scores[i]);
}

CNE_MULTIVERSION void exp_all(double* scores, int64_t n) {
  for (int64_t i = 0; i < n; ++i) scores[i] = exp_exact(scores[i]);
}

}  // namespace kernels

namespace {

constexpr std::array<std::pair<Objective, const char*>, 22> kNames{{
    {Objective::kSquaredError, "regression"},
    {Objective::kBinaryLogLoss, "binary"},
    {Objective::kAbsoluteError, "absolute"},
    {Objective::kHuber, "huber"},
    {Objective::kQuantile, "quantile"},
    {Objective::kExpectile, "expectile"},
    {Objective::kPoisson, "poisson"},
    {Objective::kGamma, "gamma"},
    {Objective::kTweedie, "tweedie"},
    {Objective::kFair, "fair"},
    {Objective::kMape, "mape"},
    {Objective::kCrossEntropy, "cross_entropy"},
    {Objective::kFocal, "focal"},
    {Objective::kMulticlass, "multiclass"},
    {Objective::kMulticlassOva, "multiclassova"},
    {Objective::kLambdaRank, "lambdarank"},
    {Objective::kLambdaRankMap, "lambdarank_map"},
    {Objective::kPairwise, "pairwise"},
    {Objective::kXendcg, "rank_xendcg"},
    {Objective::kCox, "cox"},
    {Objective::kAft, "aft"},
    {Objective::kCustom, "custom"},
}};

void softmax(double* row, int outputs) {
  const double most = *std::max_element(row, row + outputs);
  double sum = 0;
  for (int k = 0; k < outputs; ++k) {
    row[k] = exp_exact(row[k] - most);
    sum += row[k];
  }
  for (int k = 0; k < outputs; ++k) row[k] /= sum;
}

}  // namespace

const char* objective_name(Objective kind) {
  for (const auto& [known, name] : kNames)
    if (known == kind) return name;
  return "custom";
}

bool find_objective(std::string_view name, Objective* out) {
  for (const auto& [kind, known] : kNames) {
    if (name != known) continue;
    *out = kind;
    return true;
  }
  return false;
}

namespace {

bool has_labels_by_output(Objective kind) {
  return kind == Objective::kSquaredError || kind == Objective::kCustom;
}

}  // namespace

void check_objective(const ObjectiveOptions& o, const char* function) {
  const auto check = [&](bool good, const char* name, const char* range, double value) {
    if (!good)
      throw ArgumentError(message(function, ": expected ", name, " ", range, ", got ", value));
  };
  const auto positive = [&](const char* name, double value) {
    check(value > 0 && std::isfinite(value), name, "> 0", value);
  };
  const bool classes = o.kind == Objective::kMulticlass || o.kind == Objective::kMulticlassOva;
  check(o.outputs >= 1, "outputs", ">= 1", o.outputs);
  check(o.outputs == 1 || has_labels_by_output(o.kind), "outputs", "1 for this objective",
        o.outputs);
  check(!classes || o.classes >= 2, "num_class", ">= 2", o.classes);
  for (const double share : o.quantiles)
    check(share > 0 && share < 1, "quantiles", "between 0 and 1", share);
  positive("huber_delta", o.huber_delta);
  positive("fair_c", o.fair_c);
  check(o.tweedie_power > 1 && o.tweedie_power < 2, "tweedie_power", "between 1 and 2",
        o.tweedie_power);
  check(o.max_delta_step >= 0 && std::isfinite(o.max_delta_step), "poisson_max_delta_step", ">= 0",
        o.max_delta_step);
  check(o.focal_gamma >= 0 && std::isfinite(o.focal_gamma), "focal_gamma", ">= 0", o.focal_gamma);
  check(o.focal_alpha <= 1, "focal_alpha", "at most 1 (below 0: no weighting)", o.focal_alpha);
  positive("sigmoid", o.sigmoid);
  positive("scale_pos_weight", o.scale_pos_weight);
  check(o.truncation >= 1, "ranking_truncation", ">= 1", o.truncation);
  positive("aft_scale", o.aft_scale);
}

int output_count(const ObjectiveOptions& options) {
  switch (options.kind) {
    case Objective::kMulticlass:
    case Objective::kMulticlassOva:
      return options.classes;
    case Objective::kQuantile:
    case Objective::kExpectile:
      return std::max<int>(1, static_cast<int>(options.quantiles.size()));
    default:
      return options.outputs;
  }
}

bool is_smooth_sum(const ObjectiveOptions& options) {
  switch (options.kind) {
    case Objective::kSquaredError:
    case Objective::kBinaryLogLoss:
    case Objective::kHuber:
    case Objective::kExpectile:
    case Objective::kPoisson:
    case Objective::kGamma:
    case Objective::kTweedie:
    case Objective::kFair:
    case Objective::kCrossEntropy:
    case Objective::kFocal:
      return output_count(options) == 1;
    default:
      return false;
  }
}

Link link_of(const ObjectiveOptions& options) {
  switch (options.kind) {
    case Objective::kBinaryLogLoss:
    case Objective::kCrossEntropy:
    case Objective::kFocal:
    case Objective::kMulticlassOva:
      return Link::kSigmoid;
    case Objective::kMulticlass:
      return Link::kSoftmax;
    case Objective::kPoisson:
    case Objective::kGamma:
    case Objective::kTweedie:
    case Objective::kCox:
    case Objective::kAft:
      return Link::kExp;
    default:
      return Link::kIdentity;
  }
}

void transform_scores(Link link, double scale, int outputs, double* scores, int64_t rows) {
  switch (link) {
    case Link::kIdentity:
      return;
    case Link::kSigmoid:
      return kernels::sigmoid_all(scores, rows * outputs, scale);
    case Link::kExp:
      return kernels::exp_all(scores, rows * outputs);
    case Link::kSoftmax:
      for (int64_t i = 0; i < rows; ++i) softmax(scores + i * outputs, outputs);
  }
}

}  // namespace cne::gbdt
