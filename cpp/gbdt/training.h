#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gbdt/binned.h"
#include "gbdt/dart.h"
#include "gbdt/device_rounds.h"
#include "gbdt/evaluation.h"
#include "gbdt/grower.h"
#include "gbdt/leaf_iterations.h"
#include "gbdt/sampling.h"
#include "gbdt/shard.h"
#include "gbdt/train.h"

namespace cne::gbdt {

/// One training: the bins, the model so far and the scores of its rows. What it does in a round
/// depends on the data, the options, the model and the number of the round alone, so a training
/// that goes on from a model does what the one before would have done. Views `rows`, `x`, `labels`
/// and `options`, which must outlive it.
class Training {
 public:
  /// `x`: the values of the rows, where they are at hand, else null. `start` may be null; it has
  /// been checked. `rows` and `x` are those of `shard`, labels those of all rows.
  Training(const Binned& rows, const FeatureMatrix* x, const Labels& labels,
           const TrainOptions& options, const Model* start, const Shard& shard);

  /// Grows the trees of the next round; returns the earlier trees that changed.
  std::vector<ScaledTree> next_round();

  /// Adds the trees up again in their order: rounding of left-out trees is gone, as in a training
  /// that went on from here.
  void recompute_scores();

  const BinMatrix& bins() const { return rows_.matrix; }
  /// The trees as they grow; a forest's are not yet divided by their number.
  const Model& model() const { return model_; }
  size_t per_round() const;
  int rounds() const { return static_cast<int>(model_.trees.size() / per_round()); }

  /// The first `rounds` rounds of the model, as predictions need them.
  Model finished(int rounds) const;

 private:
  TreeScores scores_of_rows() const { return {x_, bins(), model_.features}; }
  void go_on_from(const Model& start);
  void compute_all_gradients();
  std::vector<ScaledTree> drop(const DropSchedule::Round& plan);
  void next_round_on_device(int number, double learning_rate);
  void quantize_all(int number);
  Tree grow(int output, int number, double rate);
  /// The rows in each leaf of the tree grown last, those of all workers.
  std::vector<std::vector<int32_t>> rows_of_leaves(int leaves) const;
  void iterate_leaves(Tree& tree, double rate);
  void renew_leaves(Tree& tree, double rate);
  void fit_linear(Tree& tree, double rate);
  void add(const Tree& tree);

  const Binned& rows_;
  const FeatureMatrix* x_;
  const Labels& labels_;
  const TrainOptions& options_;
  const Shard shard_;
  std::unique_ptr<Loss> loss_;
  std::optional<LeafIterations> iterations_;
  Grower grower_;
  RowSampler sampler_;
  DropSchedule drops_;
  Model model_;
  size_t told_trees_ = 0;       // the first so many are in rows_.start.scores, not in the bins
  std::vector<double> scores_;  // output-major; a forest's stay as they began
  std::vector<std::vector<Gradient>> gradients_;
  std::vector<GradientUnits> units_;
  std::vector<std::vector<Gradient>> quantized_;  // the same in few levels, where that is asked for
  std::vector<GradientUnits> quantized_units_;
  std::vector<uint8_t> use_;
  std::unique_ptr<DeviceRounds> device_;  // null: on the CPU
};

}  // namespace cne::gbdt
