#include "gbdt/metric.h"

#include <cmath>

#include "core/error.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

Metric find_metric(const std::string& name, const char* function) {
  for (const char* known : {"l2", "binary_logloss"})
    if (name == known) return {name, name, 0, false};
  throw ArgumentError(message(function, ": unknown metric \"", name, "\""));
}

Metric default_metric(const ObjectiveOptions& options) {
  return find_metric(options.kind == Objective::kBinaryLogLoss ? "binary_logloss" : "l2", "train");
}

double evaluate(const Metric& metric, const ObjectiveOptions& options, const Labels& labels,
                const double* scores, const char* function) {
  static_cast<void>(options), static_cast<void>(function);
  if (metric.kind == "l2")
    return weighted_mean_of(labels, [&](int64_t i) {
      const double residual = scores[i] - labels.label[i];
      return residual * residual;
    });
  return weighted_mean_of(
      labels, [&](int64_t i) { return softplus(scores[i]) - labels.label[i] * scores[i]; });
}

}  // namespace cne::gbdt
