#include "gbdt/metric.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "gbdt/metrics.h"

namespace cne::gbdt {

namespace {

enum class Needs : uint8_t { kPoint, kClasses, kEither, kQueries, kTimes, kCox, kAft };

/// What may follow "@".
enum class After : uint8_t { kNothing, kPlaces, kNumber, kPositive, kShare, kPower };

struct Entry {
  const char* kind;
  bool larger_is_better;
  Needs needs;
  After after;
  double (*compute)(const MetricInput&);
  std::vector<const char*> names;  // of LightGBM, XGBoost, CatBoost, scikit-learn
};

const std::vector<Entry>& entries() {
  using enum Needs;
  using enum After;
  // clang-format off
  static const std::vector<Entry> kEntries{
      {"l2", false, kPoint, kNothing, metric_l2,
       {"mse", "mean_squared_error", "regression", "regression_l2"}},
      {"rmse", false, kPoint, kNothing, metric_rmse, {"root_mean_squared_error", "l2_root"}},
      {"l1", false, kPoint, kNothing, metric_l1,
       {"mae", "mean_absolute_error", "regression_l1", "absolute"}},
      {"mape", false, kPoint, kNothing, metric_mape, {"mean_absolute_percentage_error"}},
      {"smape", false, kPoint, kNothing, metric_smape, {}},
      {"msle", false, kPoint, kNothing, metric_msle, {"mean_squared_log_error"}},
      {"rmsle", false, kPoint, kNothing, metric_rmsle, {"root_mean_squared_log_error"}},
      {"r2", true, kPoint, kNothing, metric_r2, {}},
      {"huber", false, kPoint, kPositive, metric_huber, {}},
      {"mphe", false, kPoint, kPositive, metric_pseudo_huber, {"mean_pseudo_huber_error"}},
      {"logcosh", false, kPoint, kNothing, metric_logcosh, {}},
      {"fair", false, kPoint, kPositive, metric_fair, {}},
      {"quantile", false, kPoint, kShare, metric_quantile, {"pinball"}},
      {"expectile", false, kPoint, kShare, metric_expectile, {}},
      {"poisson", false, kPoint, kNothing, metric_poisson, {}},
      {"poisson_nloglik", false, kPoint, kNothing, metric_poisson_nloglik, {"poisson-nloglik"}},
      {"gamma", false, kPoint, kNothing, metric_gamma, {"gamma-nloglik"}},
      {"gamma_deviance", false, kPoint, kNothing, metric_gamma_deviance, {"gamma-deviance"}},
      {"tweedie", false, kPoint, kPower, metric_tweedie, {"tweedie-nloglik"}},
      {"binary_logloss", false, kPoint, kNothing, metric_binary_logloss, {"logloss", "binary"}},
      {"cross_entropy", false, kPoint, kNothing, metric_binary_logloss, {"xentropy"}},
      {"kullback_leibler", false, kPoint, kNothing, metric_kullback_leibler, {"kldiv"}},
      {"focal", false, kPoint, kNothing, metric_focal, {}},
      {"binary_error", false, kPoint, kNumber, metric_binary_error, {"error"}},
      {"accuracy", true, kEither, kNumber, metric_accuracy, {}},
      {"balanced_accuracy", true, kEither, kNumber, metric_balanced_accuracy, {}},
      {"precision", true, kPoint, kNumber, metric_precision, {}},
      {"recall", true, kPoint, kNumber, metric_recall, {}},
      {"f1", true, kPoint, kNumber, metric_f1, {}},
      {"mcc", true, kEither, kNumber, metric_mcc, {"matthews_corrcoef"}},
      {"kappa", true, kEither, kNumber, metric_kappa, {"cohen_kappa"}},
      {"auc", true, kEither, kNothing, metric_auc, {}},
      {"average_precision", true, kPoint, kNothing, metric_average_precision, {}},
      {"aucpr", true, kEither, kNothing, metric_aucpr, {}},
      {"prauc", true, kPoint, kNothing, metric_prauc, {}},
      {"auc_mu", true, kClasses, kNothing, metric_auc_mu, {}},
      {"multi_logloss", false, kClasses, kNothing, metric_multi_logloss,
       {"mlogloss", "multiclass"}},
      {"multi_error", false, kClasses, kPlaces, metric_multi_error, {"merror"}},
      {"ova_logloss", false, kClasses, kNothing, metric_ova_logloss, {}},
      {"ndcg", true, kQueries, kPlaces, metric_ndcg, {"lambdarank", "rank_xendcg"}},
      {"map", true, kQueries, kPlaces, metric_map, {"mean_average_precision"}},
      {"pre", true, kQueries, kPlaces, metric_precision_at, {"precision_at"}},
      {"mrr", true, kQueries, kPlaces, metric_mrr, {}},
      {"cox_nloglik", false, kCox, kNothing, metric_cox, {"cox-nloglik", "cox"}},
      {"aft_nloglik", false, kAft, kNothing, metric_aft, {"aft-nloglik", "aft"}},
      {"interval_accuracy", true, kAft, kNothing, metric_interval_accuracy,
       {"interval-regression-accuracy"}},
      {"c_index", true, kTimes, kNothing, metric_c_index, {"concordance"}},
  };
  // clang-format on
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

std::vector<std::string> all_names() {
  std::vector<std::string> out;
  for (const std::vector<std::string>& names : metric_names())
    out.insert(out.end(), names.begin(), names.end());
  return out;
}

/// Whether a query that holds nothing good has a value that is a matter of taste.
bool has_empty_queries(const Entry& entry) {
  return entry.compute == metric_ndcg || entry.compute == metric_map;
}

/// Reads what follows "@" into the metric; false when it does not fit.
bool read_number(After after, std::string_view text, Metric& out) {
  const char* end = text.data() + text.size();
  const auto read = [&](auto& value) {
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end;
  };
  if (after == After::kNothing) return false;
  if (after == After::kPlaces) return read(out.at) && out.at > 0;
  double value = 0;
  if (!read(value) || !std::isfinite(value)) return false;
  out.number = value;
  if (after == After::kPositive) return value > 0;
  if (after == After::kShare) return value > 0 && value < 1;
  return after != After::kPower || (value > 1 && value < 2);
}

bool is_multiclass(const ObjectiveOptions& options) {
  return options.kind == Objective::kMulticlass || options.kind == Objective::kMulticlassOva;
}

/// Whether gains can be made of the labels.
bool are_grades(const Labels& labels) {
  return std::all_of(labels.label, labels.label + labels.rows,
                     [](double y) { return y >= 0 && y <= 62 && y == std::floor(y); });
}

/// Whether a metric can be computed of an objective's scores and labels.
bool fits(const Entry& entry, const ObjectiveOptions& options, const Labels& labels) {
  const bool cox = options.kind == Objective::kCox;
  const bool aft = options.kind == Objective::kAft;
  switch (entry.needs) {
    case Needs::kEither:
      return true;
    case Needs::kClasses:
      return is_multiclass(options);
    case Needs::kQueries:
      return !is_multiclass(options) && are_grades(labels);
    case Needs::kTimes:
      return cox || aft;
    case Needs::kCox:
      return cox;
    case Needs::kAft:
      return aft;
    case Needs::kPoint:
      return !is_multiclass(options);
  }
  return false;
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
  Metric out{name, "", 0, false, {}, false};
  std::string_view text = name;
  if (!text.empty() && text.back() == '-') {
    out.empty_is_zero = true;
    text.remove_suffix(1);
  }
  const size_t mark = text.find('@');
  const Entry* entry = find_entry(text.substr(0, mark));
  const bool good =
      entry != nullptr && (!out.empty_is_zero || has_empty_queries(*entry)) &&
      (mark == std::string_view::npos || read_number(entry->after, text.substr(mark + 1), out));
  if (!good)
    throw ArgumentError(message(
        function, ": unknown metric",
        entry != nullptr ? message(" \"", name, "\"") : describe_unknown(name, all_names())));
  out.kind = entry->kind;
  out.larger_is_better = entry->larger_is_better;
  return out;
}

std::vector<std::vector<std::string>> metric_names() {
  std::vector<std::vector<std::string>> out;
  for (const Entry& entry : entries()) {
    out.push_back({entry.kind});
    out.back().insert(out.back().end(), entry.names.begin(), entry.names.end());
  }
  return out;
}

Metric default_metric(const ObjectiveOptions& options) {
  return find_metric(default_kind(options.kind), "train");
}

double evaluate(const Metric& metric, const ObjectiveOptions& options, const Labels& labels,
                const double* scores, const char* function) {
  const Entry* entry = find_entry(metric.kind);
  if (!fits(*entry, options, labels))
    throw ArgumentError(message(function, ": metric \"", metric.name,
                                "\" does not fit objective \"", objective_name(options.kind),
                                "\""));
  return entry->compute({metric, options, labels, scores});
}

}  // namespace cne::gbdt
