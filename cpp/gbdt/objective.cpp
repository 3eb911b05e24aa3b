#include "gbdt/objective.h"

#include <algorithm>
#include <array>
#include <utility>

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
