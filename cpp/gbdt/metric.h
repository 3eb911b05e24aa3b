#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gbdt/loss.h"

namespace cne::gbdt {

/// A number that says how good scores are. A value.
struct Metric {
  std::string name;  // as users give it: "l2", "auc", "ndcg@5"
  std::string kind;  // the name without what follows "@"
  int at = 0;        // ranking: the first so many documents; 0: all
  bool larger_is_better = false;
  std::optional<double> number;  // after "@" where a metric has a number of its own: "quantile@0.9"
  bool empty_is_zero = false;    // "ndcg@5-": a query without anything good counts as 0, not as 1
};

/// The metric of a name; throws ArgumentError naming `function` when there is none, or when what
/// follows "@" does not fit it.
Metric find_metric(const std::string& name, const char* function);

/// The names of each metric, its own first.
std::vector<std::vector<std::string>> metric_names();

/// What an objective is judged by when nothing else is asked: its own loss, NDCG for rankings.
Metric default_metric(const ObjectiveOptions& options);

/// The metric over all rows, weighted; scores are output-major as in Loss.
/// Throws ArgumentError naming `function` when the metric does not fit the objective.
double evaluate(const Metric& metric, const ObjectiveOptions& options, const Labels& labels,
                const double* scores, const char* function);

}  // namespace cne::gbdt
