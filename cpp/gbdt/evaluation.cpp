#include "gbdt/evaluation.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "gbdt/device_rounds.h"

namespace cne::gbdt {

std::vector<double> first_scores(const Model& model, const Labels& labels) {
  std::vector<double> out;
  out.reserve(static_cast<size_t>(labels.rows * model.outputs()));
  for (const double base : model.base_scores)
    out.insert(out.end(), static_cast<size_t>(labels.rows), base);
  if (labels.base_margin != nullptr) std::copy_n(labels.base_margin, out.size(), out.begin());
  return out;
}

Evaluation::Evaluation(const std::vector<EvaluationSet>& sets, const std::vector<Shard>& shards,
                       const BinMatrix& bins, const Model& model, size_t per_round,
                       const TrainOptions& options)
    : sets_(sets), shards_(shards), options_(options) {
  for (const std::string& name : options.metrics)
    if (name != "none") metrics_.push_back(find_metric(name, "train"));
  if (options.metrics.empty()) metrics_.push_back(default_metric(options.objective));
  metrics_.resize(metrics_.size() + options.custom_metrics.size(),
                  {"custom", "custom", 0, false, {}, false});
  if (metrics_.empty() && !sets.empty())
    throw ArgumentError("train: expected a metric for the validation set besides \"none\"");
  values_.resize(sets.size());
  for (size_t s = 0; s < sets.size(); ++s) {
    values_[s].resize(metrics_.size());
    std::vector<double> first = first_scores(model, sets[s].labels);
    std::vector<double> sums =
        options.boosting == Boosting::kForest ? std::vector<double>(first.size()) : first;
    rows_.push_back({BinMatrix(sets[s].x, bins), std::move(first), std::move(sums)});
  }
  for (size_t begin = 0; begin + per_round <= model.trees.size(); begin += per_round) {
    for (size_t s = 0; s < sets.size(); ++s)
      update(s, [&](double* sums) {
        scores_of(s, model).add(model.trees, begin, begin + per_round, sums);
      });
    evaluate_all();
  }
}

/// Changes the sums of a set, on all workers.
template <typename Update>
void Evaluation::update(size_t set, const Update& update) {
  std::vector<double>& sums = rows_[set].sums;
  const int64_t rows = std::max<int64_t>(1, shards_[set].total);
  update_scores(shards_[set], sums, 0, static_cast<int>(std::ssize(sums) / rows), update);
}

TreeScores Evaluation::scores_of(size_t set, const Model& model) const {
  return {&sets_[set].x, rows_[set].bins, model.features};
}

void Evaluation::evaluate_all() {
  for (size_t s = 0; s < sets_.size(); ++s) {
    const Set& set = rows_[s];
    if (set.device) {
      evaluate_on_device(s);
      continue;
    }
    std::vector<double> mean;
    if (options_.boosting == Boosting::kForest) {
      const auto rounds = static_cast<double>(values_[s][0].size() + 1);
      mean.resize(set.first.size());
      for (size_t i = 0; i < mean.size(); ++i) mean[i] = set.first[i] + set.sums[i] / rounds;
    }
    const double* scores = mean.empty() ? set.sums.data() : mean.data();
    for (size_t m = 0; m < metrics_.size(); ++m)
      values_[s][m].push_back(evaluate_one(s, m, scores));
  }
}

/// Scores come back only for metrics that the device does not know.
void Evaluation::evaluate_on_device(size_t set) {
  Set& rows = rows_[set];
  const size_t named = metrics_.size() - options_.custom_metrics.size();
  bool is_here = false;
  for (size_t m = 0; m < metrics_.size(); ++m) {
    const std::optional<double> found =
        m < named ? rows.device->evaluate(metrics_[m]) : std::nullopt;
    if (!found && !is_here) rows.device->download(rows.sums);
    is_here |= !found;
    values_[set][m].push_back(found ? *found : evaluate_one(set, m, rows.sums.data()));
  }
}

double Evaluation::evaluate_one(size_t set, size_t metric, const double* scores) {
  const size_t named = metrics_.size() - options_.custom_metrics.size();
  if (metric < named)
    return evaluate(metrics_[metric], options_.objective, sets_[set].labels, scores, "train");
  const MetricValue found = options_.custom_metrics[metric - named](set, scores);
  metrics_[metric].name = found.name;
  metrics_[metric].larger_is_better = found.larger_is_better;
  return found.value;
}

void Evaluation::add(const Model& model, size_t first_tree, const std::vector<ScaledTree>& scaled) {
  for (size_t s = 0; s < sets_.size(); ++s) {
    Set& set = rows_[s];
    if (DeviceRounds::wanted(options_)) {
      if (!set.device)
        set.device = std::make_unique<DeviceScores>(options_.device, set.bins, sets_[s].labels,
                                                    options_.objective, set.sums);
      for (size_t t = first_tree; t < model.trees.size(); ++t) set.device->add(model.trees[t]);
      continue;
    }
    const TreeScores scores = scores_of(s, model);
    update(s, [&](double* sums) {
      for (const auto& [tree, factor] : scaled)
        scores.add(model.trees[tree], nullptr, 1 - 1 / factor, sums);
      scores.add(model.trees, first_tree, model.trees.size(), sums);
    });
  }
  evaluate_all();
}

void Evaluation::recompute(const Model& model) {
  for (size_t s = 0; s < sets_.size(); ++s) {
    rows_[s].sums = rows_[s].first;
    update(s, [&](double* sums) {
      scores_of(s, model).add(model.trees, 0, model.trees.size(), sums);
    });
  }
}

Stopping::Stopping(const TrainOptions& options, const std::vector<Metric>& metrics)
    : options_(options), metrics_(metrics) {}

void Stopping::begin_at(int round) {
  best_ = round;
  std::fill(bests_.begin(), bests_.end(), round);
}

bool Stopping::better(const Metric& metric, double value, double than) const {
  const double delta = options_.early_stopping_min_delta;
  if (std::isnan(than)) return !std::isnan(value);
  return metric.larger_is_better ? value > than + delta : value < than - delta;
}

bool Stopping::update(const Evaluations& values, int round) {
  if (values.empty()) return false;
  bests_.resize(values.size() * metrics_.size());
  bool stop = false;
  for (size_t i = 0; i < bests_.size(); ++i) {
    if (i > 0 && options_.first_metric_only) break;
    const std::vector<double>& curve = values[i / metrics_.size()][i % metrics_.size()];
    if (better(metrics_[i % metrics_.size()], curve[round], curve[bests_[i]])) bests_[i] = round;
    if (stop || options_.early_stopping_rounds == 0 ||
        round - bests_[i] < options_.early_stopping_rounds)
      continue;
    stop = true;
    best_ = bests_[i];
  }
  if (!stop) best_ = bests_[0];
  return stop;
}

}  // namespace cne::gbdt
