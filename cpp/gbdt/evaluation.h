#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gbdt/device_metric.h"
#include "gbdt/metric.h"
#include "gbdt/shard.h"
#include "gbdt/train.h"
#include "gbdt/tree_scores.h"

namespace cne::gbdt {

/// An earlier tree whose answers have been multiplied.
struct ScaledTree {
  size_t tree;
  double factor;
};

/// The scores of all rows before the first tree, output-major: the base scores, or the margins that
/// the caller gives.
std::vector<double> first_scores(const Model& model, const Labels& labels);

/// The evaluation sets as bins, with their scores and metrics. Views `sets`, `shards` and
/// `options`, which must outlive it.
class Evaluation {
 public:
  /// `model`: where the training begins, with the features as they are in `bins`; `per_round` trees
  /// make a round. Rounds that are there already are evaluated one by one.
  /// `shards`: the rows of each set that this worker holds; labels are those of all rows.
  Evaluation(const std::vector<EvaluationSet>& sets, const std::vector<Shard>& shards,
             const BinMatrix& bins, const Model& model, size_t per_round,
             const TrainOptions& options);

  /// Evaluates a round: the trees of `model` from `first_tree` on are new, `scaled` ones have
  /// changed.
  void add(const Model& model, size_t first_tree, const std::vector<ScaledTree>& scaled);

  /// Adds the trees up again in their order, as a training that went on from `model` would.
  void recompute(const Model& model);

  const Evaluations& values() const { return values_; }
  /// Custom ones have their names once they have been computed.
  const std::vector<Metric>& metrics() const { return metrics_; }

 private:
  struct Set {
    BinMatrix bins;
    std::vector<double> first;
    std::vector<double> sums;                // of the trees; without kForest, `first` is in them
    std::unique_ptr<DeviceScores> device{};  // the sums, where trees are grown on a device
  };
  void evaluate_all();
  void evaluate_on_device(size_t set);
  double evaluate_one(size_t set, size_t metric, const double* scores);
  TreeScores scores_of(size_t set, const Model& model) const;
  template <typename Update>
  void update(size_t set, const Update& update);

  const std::vector<EvaluationSet>& sets_;
  const std::vector<Shard>& shards_;
  const TrainOptions& options_;
  std::vector<Metric> metrics_;
  std::vector<Set> rows_;
  Evaluations values_;
};

/// Early stopping: remembers the best round of each metric that counts. Views `options` and
/// `metrics`, which must outlive it.
class Stopping {
 public:
  Stopping(const TrainOptions& options, const std::vector<Metric>& metrics);

  /// Looks at the values of `round`; true when it is time to stop.
  bool update(const Evaluations& values, int round);

  /// Forgets the rounds before `round`: they were grown for something else.
  void begin_at(int round);

  /// The round that counts as best: of the metric that stopped, else of the first one.
  int best() const { return best_; }

 private:
  bool better(const Metric& metric, double value, double than) const;

  const TrainOptions& options_;
  const std::vector<Metric>& metrics_;
  std::vector<int> bests_;  // by set and metric
  int best_ = 0;
};

}  // namespace cne::gbdt
