#include "gbdt/metric.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "gbdt/metrics.h"

namespace cne::gbdt {

namespace {

enum class Needs : uint8_t { kPoint, kClasses, kQueries, kTimes };

struct Entry {
  const char* kind;
  bool larger_is_better;
  Needs needs;
  double (*compute)(const MetricInput&);
  std::vector<const char*> names;  // of LightGBM, XGBoost, scikit-learn
};

const std::vector<Entry>& entries() {
  using enum Needs;
  static const std::vector<Entry> kEntries{
      {"l2",
       false,
       kPoint,
       metric_l2,
       {"mse", "mean_squared_error", "regression", "regression_l2"}},
      {"rmse", false, kPoint, metric_rmse, {"root_mean_squared_error", "l2_root"}},
      {"l1", false, kPoint, metric_l1, {"mae", "mean_absolute_error", "regression_l1", "absolute"}},
      {"mape", false, kPoint, metric_mape, {"mean_absolute_percentage_error"}},
      {"r2", true, kPoint, metric_r2, {}},
      {"huber", false, kPoint, metric_huber, {}},
      {"fair", false, kPoint, metric_fair, {}},
      {"quantile", false, kPoint, metric_quantile, {"pinball"}},
      {"expectile", false, kPoint, metric_expectile, {}},
      {"poisson", false, kPoint, metric_poisson, {"poisson-nloglik"}},
      {"gamma", false, kPoint, metric_gamma, {"gamma-nloglik"}},
      {"gamma_deviance", false, kPoint, metric_gamma_deviance, {"gamma-deviance"}},
      {"tweedie", false, kPoint, metric_tweedie, {"tweedie-nloglik"}},
      {"binary_logloss", false, kPoint, metric_binary_logloss, {"logloss", "binary"}},
      {"binary_error", false, kPoint, metric_binary_error, {"error"}},
      {"cross_entropy", false, kPoint, metric_binary_logloss, {"xentropy"}},
      {"focal", false, kPoint, metric_focal, {}},
      {"auc", true, kPoint, metric_auc, {}},
      {"average_precision", true, kPoint, metric_average_precision, {"aucpr"}},
      {"multi_logloss", false, kClasses, metric_multi_logloss, {"mlogloss", "multiclass"}},
      {"multi_error", false, kClasses, metric_multi_error, {"merror"}},
      {"ndcg", true, kQueries, metric_ndcg, {"lambdarank", "rank_xendcg"}},
      {"map", true, kQueries, metric_map, {"mean_average_precision"}},
      {"mrr", true, kQueries, metric_mrr, {}},
      {"cox_nloglik", false, kTimes, metric_cox, {"cox-nloglik", "cox"}},
      {"aft_nloglik", false, kTimes, metric_aft, {"aft-nloglik", "aft"}},
      {"c_index", true, kTimes, metric_c_index, {"concordance"}},
  };
  return kEntries;
}

const Entry* find_entry(std::string_view kind) {
  for (const Entry& entry : entries()) {
    if (kind == entry.kind) return &entry;
    for (const char* name : entry.names)
      if (kind == name) return &entry;
  }
  return nullptr;
}

bool is_multiclass(const ObjectiveOptions& options) {
  return options.kind == Objective::kMulticlass || options.kind == Objective::kMulticlassOva;
}

/// Whether gains can be made of the labels.
bool are_grades(const Labels& labels) {
  return std::all_of(labels.label, labels.label + labels.rows,
                     [](double y) { return y >= 0 && y <= 62 && y == std::floor(y); });
}

const char* default_kind(Objective kind) {
  switch (kind) {
    case Objective::kBinaryLogLoss:
      return "binary_logloss";
    case Objective::kAbsoluteError:
      return "l1";
    case Objective::kMulticlass:
    case Objective::kMulticlassOva:
      return "multi_logloss";
    case Objective::kLambdaRank:
    case Objective::kPairwise:
    case Objective::kXendcg:
      return "ndcg";
    case Objective::kLambdaRankMap:
      return "map";
    case Objective::kCox:
      return "cox_nloglik";
    case Objective::kAft:
      return "aft_nloglik";
    case Objective::kSquaredError:
    case Objective::kCustom:
      return "l2";
    default:
      return objective_name(kind);
  }
}

}  // namespace

Metric find_metric(const std::string& name, const char* function) {
  const size_t mark = name.find('@');
  const Entry* entry = find_entry(std::string_view(name).substr(0, mark));
  Metric out{name, "", 0, false};
  bool good = entry != nullptr;
  if (good && mark != std::string::npos) {
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + mark + 1, end, out.at);
    good = error == std::errc() && stop == end && out.at > 0 &&
           (entry->needs == Needs::kQueries || entry->compute == metric_multi_error);
  }
  if (!good) throw ArgumentError(message(function, ": unknown metric \"", name, "\""));
  out.kind = entry->kind;
  out.larger_is_better = entry->larger_is_better;
  return out;
}

Metric default_metric(const ObjectiveOptions& options) {
  return find_metric(default_kind(options.kind), "train");
}

double evaluate(const Metric& metric, const ObjectiveOptions& options, const Labels& labels,
                const double* scores, const char* function) {
  const Entry* entry = find_entry(metric.kind);
  if ((entry->needs == Needs::kClasses) != is_multiclass(options) ||
      (entry->needs == Needs::kQueries && !are_grades(labels)) ||
      (entry->needs == Needs::kTimes && options.kind != Objective::kCox &&
       options.kind != Objective::kAft))
    throw ArgumentError(message(function, ": metric \"", metric.name,
                                "\" does not fit objective \"", objective_name(options.kind),
                                "\""));
  return entry->compute({metric, options, labels, scores});
}

}  // namespace cne::gbdt
