#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cne::gbdt {

/// What a model minimises. The numbers are part of the model file.
enum class Objective : uint8_t {
  kSquaredError = 0,   // (score - label)^2 / 2
  kBinaryLogLoss = 1,  // labels 0 and 1; the score is the log odds
  kAbsoluteError = 2,
  kHuber = 3,
  kQuantile = 4,
  kExpectile = 5,
  kPoisson = 6,
  kGamma = 7,
  kTweedie = 8,
  kFair = 9,
  kMape = 10,
  kCrossEntropy = 11,  // labels in [0, 1]
  kFocal = 12,
  kMulticlass = 13,     // softmax; labels 0 .. classes - 1
  kMulticlassOva = 14,  // one against all
  kLambdaRank = 15,     // NDCG
  kLambdaRankMap = 16,  // MAP
  kPairwise = 17,       // RankNet
  kXendcg = 18,
  kCox = 19,  // labels below 0: right-censored at -label
  kAft = 20,  // intervals of time
  kCustom = 21,
};

/// How scores become predictions. Part of the model file.
enum class Link : uint8_t {
  kIdentity = 0,
  kSigmoid = 1,  // each output by itself
  kSoftmax = 2,  // over the outputs
  kExp = 3,
};

/// The noise that accelerated failure time assumes of log time.
enum class AftNoise : uint8_t { kNormal = 0, kLogistic = 1, kExtreme = 2 };

/// An objective and its numbers; those that it does not use are ignored. A value.
struct ObjectiveOptions {
  Objective kind = Objective::kSquaredError;
  int classes = 1;                // multiclass: how many
  std::vector<double> quantiles;  // quantile, expectile: one output each; empty: 0.5
  double huber_delta = 0.9;       // the residual where the loss turns linear
  double fair_c = 1.0;
  double tweedie_power = 1.5;   // in (1, 2)
  double max_delta_step = 0.7;  // poisson: the hessian is exp(score + max_delta_step)
  double focal_gamma = 2.0;
  double focal_alpha = -1.0;      // weight of label 1, 1 - alpha that of 0; negative: no weighting
  double sigmoid = 1.0;           // binary, one against all and rankings: scale of the score
  double scale_pos_weight = 1.0;  // binary: weight of label 1
  int truncation = 30;            // rankings: pairs with one document in the top so many
  bool normalize = true;          // rankings: lambdas of a query by their sum
  AftNoise aft_noise = AftNoise::kNormal;
  double aft_scale = 1.0;
  int outputs = 1;  // squared and custom: how many numbers a row's label has

  bool operator==(const ObjectiveOptions&) const = default;
};

/// The name of an objective, as in train(): "regression", "binary", "lambdarank", ...
const char* objective_name(Objective kind);
/// The reverse; false when there is no such objective.
bool find_objective(std::string_view name, Objective* out);

/// Throws ArgumentError naming `function` for a number of the objective that is out of range.
void check_objective(const ObjectiveOptions& options, const char* function);

/// How many scores a row has.
int output_count(const ObjectiveOptions& options);
/// Whether the loss is a sum over rows of a function with two derivatives, of one score each.
bool is_smooth_sum(const ObjectiveOptions& options);

/// How the scores of an objective become predictions.
Link link_of(const ObjectiveOptions& options);

/// Scores to predictions in place; row-major (rows, outputs). `scale` multiplies the score before a
/// sigmoid.
void transform_scores(Link link, double scale, int outputs, double* scores, int64_t rows);

}  // namespace cne::gbdt
