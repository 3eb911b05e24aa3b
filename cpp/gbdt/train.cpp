#include "gbdt/train.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/error.h"
#include "gbdt/continuation.h"
#include "gbdt/model_file.h"
#include "gbdt/ordered_categories.h"
#include "gbdt/shared_bins.h"
#include "gbdt/training.h"

namespace cne::gbdt {

namespace {

void check_shapes(int64_t rows, const Labels& labels, const char* what) {
  if (rows != labels.rows)
    throw ShapeError(message("train: expected as many labels as rows in ", what, ", got ", rows,
                             " rows and ", labels.rows, " labels"));
  if (rows == 0) throw ShapeError(message("train: expected at least one row in ", what));
}

void check_sets(int width, const std::vector<EvaluationSet>& sets, const std::vector<Shard>& shards,
                const TrainOptions& options, const Model* start) {
  for (size_t s = 0; s < sets.size(); ++s) {
    const EvaluationSet& set = sets[s];
    check_shapes(shards[s].total, set.labels, "the validation set");
    check_labels(options.objective, set.labels, "train: validation set");
    if (set.x.width() != width)
      throw ShapeError(message("train: expected ", width, " features in the validation set, got ",
                               set.x.width()));
  }
  if (options.early_stopping_rounds == 0) return;
  if (sets.empty())
    throw ArgumentError("train: early_stopping_rounds needs a validation set (eval_set)");
  // Later rounds change the trees of earlier ones, so the best model has to be kept as it was.
  if (options.boosting == Boosting::kDart && start != nullptr)
    throw UnsupportedError(
        "train: early_stopping_rounds with boosting \"dart\" cannot go on from a model");
  if (options.boosting == Boosting::kDart && !options.first_metric_only)
    throw ArgumentError(
        "train: expected first_metric_only with boosting \"dart\" and early_stopping_rounds");
}

std::string snapshot_path(const TrainOptions& options, int round) {
  const std::string mark = "{round}";
  std::string path = options.snapshot_path;
  const size_t at = path.find(mark);
  return at == std::string::npos ? path : path.replace(at, mark.size(), std::to_string(round));
}

/// What callers see of a model, where that is another one than the one that grows.
using Publish = std::function<Model(Model)>;

/// Writes the model where it is time; what follows is what follows from that file.
void take_snapshot(const TrainOptions& options, const Publish& publish, Training& training,
                   Evaluation& evaluation, const Shard& shard) {
  const int round = training.rounds();
  if (options.snapshot_every == 0 || round % options.snapshot_every != 0) return;
  const Model now = training.finished(round);
  if (shard.alone() || shard.group->rank() == 0)
    save_model(publish ? publish(now) : now, snapshot_path(options, round));
  if (options.boosting != Boosting::kDart) return;
  training.recompute_scores();
  evaluation.recompute(training.model());
}

RoundVerdict ask(const RoundCallback& callback, const TrainOptions& options, const Publish& publish,
                 const Training& training, const Evaluation& evaluation) {
  if (!callback) return {};
  const int round = training.rounds() - 1;
  if (options.boosting != Boosting::kForest && !publish)
    return callback({round, training.model(), evaluation.values(), evaluation.metrics()});
  Model now = training.finished(round + 1);
  if (publish) now = publish(std::move(now));
  return callback({round, now, evaluation.values(), evaluation.metrics()});
}

/// Which rows this worker holds, of those to train on and of the evaluation sets.
struct Shards {
  Shard rows;
  std::vector<Shard> sets;
};

Shards whole_shards(int64_t rows, const std::vector<EvaluationSet>& sets) {
  Shards out{whole_shard(rows), {}};
  for (const EvaluationSet& set : sets) out.sets.push_back(whole_shard(set.x.rows));
  return out;
}

/// Whether no worker wants to stop.
bool all_go_on(const Shard& shard, bool go_on) {
  if (shard.alone()) return go_on;
  int64_t stops = go_on ? 0 : 1;
  shard.group->allreduce(&stops, 1);
  return stops == 0;
}

/// The verdict of all workers: one stops all; what is kept is what the first one says that says it.
RoundVerdict agree(const Shard& shard, RoundVerdict own) {
  if (shard.alone()) return own;
  RoundVerdict out{all_go_on(shard, own.go_on), {}};
  const int keep = own.keep.value_or(-1);
  for (const std::string& text : shard.group->allgather(std::to_string(keep)))
    if (const int other = std::atoi(text.c_str()); !out.keep && other >= 1) out.keep = other;
  return out;
}

/// The rounds, on rows whose features are as the trees split them; `x` may be null.
TrainResult boost(const Binned& rows, const FeatureMatrix* x, const Labels& labels,
                  const std::vector<EvaluationSet>& sets, const TrainOptions& options,
                  const RoundCallback& callback, const Model* start, const Publish& publish,
                  const Shards& shards) {
  Training training(rows, x, labels, options, start, shards.rows);
  Evaluation evaluation(sets, shards.sets, training.bins(), training.model(), training.per_round(),
                        options);
  Stopping stopping(options, evaluation.metrics());
  bool stop = false;
  bool interrupted = false;
  for (int round = 0; round < training.rounds() && !stop; ++round)
    stop = stopping.update(evaluation.values(), round);
  if (stop) {  // no training with these sets and options would have come here
    stopping.begin_at(training.rounds() - 1);
    stop = false;
  }
  const bool keeps_best = options.early_stopping_rounds > 0;
  std::optional<int> kept;
  std::optional<Model> best;  // where the trees of the best round do not stay as they were
  for (int grown = 0; grown < options.n_estimators && !stop; ++grown) {
    interrupted = !all_go_on(shards.rows, !options.poll || options.poll());
    if (interrupted) break;
    const size_t first_tree = training.model().trees.size();
    const std::vector<ScaledTree> scaled = training.next_round();
    evaluation.add(training.model(), first_tree, scaled);
    const int round = training.rounds() - 1;
    stop = stopping.update(evaluation.values(), round);
    if (keeps_best && options.boosting == Boosting::kDart && stopping.best() == round)
      best = training.model();
    take_snapshot(options, publish, training, evaluation, shards.rows);
    const RoundVerdict verdict =
        agree(shards.rows, ask(callback, options, publish, training, evaluation));
    if (verdict.keep) kept = std::clamp(*verdict.keep, 1, training.rounds());
    stop |= !verdict.go_on;
  }
  TrainResult result;
  result.interrupted = interrupted;
  result.best_iteration = keeps_best ? stopping.best() + 1 : training.rounds();
  if (kept) {
    if (options.boosting == Boosting::kDart && *kept < training.rounds())
      throw UnsupportedError(
          "train: a callback cannot keep earlier rounds with boosting \"dart\", whose trees change "
          "later; use early_stopping_rounds");
    result.best_iteration = *kept;
    best.reset();
  }
  result.model = best ? std::move(*best) : training.finished(result.best_iteration);
  if (publish) result.model = publish(std::move(result.model));
  for (const Metric& metric : evaluation.metrics()) result.metrics.push_back(metric.name);
  result.values = evaluation.values();
  return result;
}

Binned bin_for(const TrainOptions& options, const FeatureMatrix& x, const Labels& labels,
               const std::vector<uint8_t>& categorical, const Model* start) {
  return bin_checked_rows(x, categorical, labels.weight,
                          {options.max_bins, options.subsample_for_bin, options.seed}, start,
                          "train");
}

/// The rounds on categories as numbers.
TrainResult boost_ordered(const OrderedCategories& ordered, const Labels& labels,
                          std::vector<EvaluationSet> sets, TrainOptions options,
                          const RoundCallback& callback, const Model* start) {
  for (EvaluationSet& set : sets) set.x = ordered.derive(set.x);
  options.grow = ordered.constraints(std::move(options.grow));
  std::optional<Model> numbers;
  if (start != nullptr) numbers = ordered.to_numbers(*start, "train");
  const Model* from = numbers ? &*numbers : nullptr;
  const Binned rows = bin_for(options, ordered.training(), labels, ordered.categorical(), from);
  return boost(
      rows, &ordered.training(), labels, sets, options, callback, from,
      [&](Model model) { return ordered.to_categories(std::move(model)); },
      whole_shards(labels.rows, sets));
}

void check(const InputFeatures& features, const Shards& shards, const Labels& labels,
           const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
           const TrainOptions& options, const Model* start) {
  check_options(options, "train");
  check_device(options, "train");
  check_shapes(shards.rows.total, labels, "X");
  if (features.width() == 0)
    throw ShapeError("train: expected at least one feature in X, got 0 feature(s)");
  check_labels(options.objective, labels, "train");
  check_constraints(options.grow, categorical, "train");
  check_sets(features.width(), sets, shards.sets, options, start);
  if (start == nullptr) return;
  check_start_features(*start, features, "train");
  check_start(*start, options, "train");
}

/// What training looks at besides bins, or other bins.
void check_binned(const Binned& rows, const std::vector<uint8_t>& categorical,
                  const TrainOptions& options) {
  const auto refuse = [](const char* option) {
    throw UnsupportedError(message(
        "train: ", option, " needs the values of the rows, got rows that have been binned"));
  };
  if (options.linear_tree) refuse("linear_tree");
  if (options.cat_method == CategoryMethod::kOrdered) refuse("cat_method \"ordered\"");
  if (options.max_bins != rows.max_bins)
    throw ArgumentError(message("train: expected max_bins ", rows.max_bins,
                                ", with which the rows were binned, got ", options.max_bins));
  for (int f = 0; f < rows.features.width(); ++f)
    if (rows.features.infos[f].categorical != (categorical[f] != 0))
      throw ArgumentError(
          message("train: expected the categorical features that the rows were "
                  "binned with, got feature ",
                  f, categorical[f] ? " as one" : " as none"));
}

void check_binned_start(const Binned& rows, const Labels& labels, const TrainOptions& options,
                        const Model& start) {
  std::vector<FeatureBins> with_start;
  for (int f = 0; f < rows.features.width(); ++f)
    with_start.push_back(rows.matrix.bins_of_feature(f));
  add_categories(start, with_start, "train");
  bool known = true;
  for (int f = 0; f < rows.features.width(); ++f)
    known &= with_start[f].bounds == rows.matrix.bins_of_feature(f).bounds;
  const bool told = tells_scores(rows.matrix, start);
  if (!known || (!told && rows.start.model != identity_of(start)))
    throw ArgumentError(
        "train: expected rows that were binned with the model to go on from (start)");
  if (told || options.boosting == Boosting::kForest) return;
  if (options.boosting == Boosting::kDart)
    throw UnsupportedError(
        "train: boosting \"dart\" cannot go on, on binned rows, from trees of other bins");
  if (labels.base_margin != nullptr)
    throw UnsupportedError(
        "train: base_margin cannot go, on binned rows, with a model of other bins to go on from");
}

/// What works on the rows of one worker only.
void check_shared(const TrainOptions& options) {
  const auto refuse = [](const char* option) {
    throw UnsupportedError(message("train: ", option, " cannot be shared between workers"));
  };
  if (options.linear_tree) refuse("linear_tree");
  if (DeviceRounds::wanted(options)) refuse("training on a GPU");
  if (options.cat_method == CategoryMethod::kOrdered) refuse("cat_method \"ordered\"");
  if (options.custom) refuse("an objective of your own");
  if (!options.custom_metrics.empty()) refuse("a metric of your own");
}

/// What has to be the same on all workers, as text.
std::string fingerprint(const FeatureMatrix& x, const std::vector<uint8_t>& categorical,
                        const std::vector<EvaluationSet>& sets, const Model* start) {
  std::string out = message("features: ", x.width(), "\n");
  for (int f = 0; f < x.width(); ++f) {
    out += message(x.names.empty() ? "" : x.names[f], "\n", static_cast<int>(categorical[f]),
                   x.columns[f].fits_float32(), "\n");
    if (!x.levels.empty())
      for (const std::string& level : x.levels[f]) out += message(level.size(), ":", level);
  }
  for (const EvaluationSet& set : sets) out += "set " + set.name + "\n";
  if (start != nullptr) out += message("start ", identity_of(*start));
  return out;
}

/// An evaluation set with the labels of all workers.
EvaluationSet with_labels(const EvaluationSet& set, const Labels& labels) {
  return {set.name, set.x, labels};
}

TrainResult train_shared(Communicator& group, const FeatureMatrix& x, const Labels& labels,
                         const std::vector<uint8_t>& categorical,
                         const std::vector<EvaluationSet>& sets, const TrainOptions& options,
                         const RoundCallback& callback, const Model* start) {
  check_shared(options);
  const auto check_length = [](int64_t rows, const Labels& own, const char* what) {
    if (rows != own.rows)
      throw ShapeError(message("train: expected as many labels as rows in ", what, ", got ", rows,
                               " rows and ", own.rows, " labels"));
  };
  check_length(x.rows, labels, "X");
  for (const EvaluationSet& set : sets) check_length(set.x.rows, set.labels, "the validation set");
  Shards shards{join_shards(&group, x.rows), {}};
  require_equal(shards.rows, options.text, "options");
  require_equal(shards.rows, fingerprint(x, categorical, sets, start),
                "columns, texts, evaluation sets and model to go on from");
  const int outputs = output_count(options.objective);
  const SharedLabels all = share_labels(labels, outputs, shards.rows);
  std::vector<SharedLabels> set_labels;
  std::vector<EvaluationSet> whole_sets;
  for (const EvaluationSet& set : sets) {
    shards.sets.push_back(join_shards(&group, set.x.rows));
    set_labels.push_back(share_labels(set.labels, outputs, shards.sets.back()));
  }
  for (size_t s = 0; s < sets.size(); ++s)
    whole_sets.push_back(with_labels(sets[s], set_labels[s].view));
  check(describe(x, categorical), shards, all.view, categorical, whole_sets, options, start);
  const Binned rows = bin_shared_rows(x, categorical, all.view.weight,
                                      {options.max_bins, options.subsample_for_bin, options.seed},
                                      start, shards.rows, "train");
  return boost(rows, &x, all.view, whole_sets, options, callback, start, {}, shards);
}

}  // namespace

TrainResult train(const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
                  const TrainOptions& options, const RoundCallback& callback, const Model* start) {
  check(describe(x, categorical), whole_shards(x.rows, sets), labels, categorical, sets, options,
        start);
  if (options.cat_method == CategoryMethod::kOrdered) {
    const OrderedCategories ordered(x, labels, categorical, options, start);
    if (!ordered.empty()) return boost_ordered(ordered, labels, sets, options, callback, start);
  }
  return boost(bin_for(options, x, labels, categorical, start), &x, labels, sets, options, callback,
               start, {}, whole_shards(x.rows, sets));
}

TrainResult train(Communicator& group, const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
                  const TrainOptions& options, const RoundCallback& callback, const Model* start) {
  if (group.size() == 1) return train(x, labels, categorical, sets, options, callback, start);
  try {
    return train_shared(group, x, labels, categorical, sets, options, callback, start);
  } catch (...) {
    group.abort();  // nobody shall wait for this worker
    throw;
  }
}

TrainResult train(const Binned& rows, const Labels& labels, const std::vector<uint8_t>& categorical,
                  const std::vector<EvaluationSet>& sets, const TrainOptions& options,
                  const RoundCallback& callback, const Model* start) {
  check_binned(rows, categorical, options);
  check(rows.features, whole_shards(rows.rows(), sets), labels, categorical, sets, options, start);
  if (start != nullptr) check_binned_start(rows, labels, options, *start);
  return boost(rows, nullptr, labels, sets, options, callback, start, {},
               whole_shards(rows.rows(), sets));
}

}  // namespace cne::gbdt
