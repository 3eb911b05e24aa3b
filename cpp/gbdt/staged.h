#pragma once

#include <vector>

#include "gbdt/booster.h"

namespace cne::gbdt {

/// Trees that one round adds: one for each output, or one for all.
int trees_per_round(const Model& model);

/// A model of some rounds of another, in that order. Throws ArgumentError that names `function` for
/// a round that is not there.
Model take_rounds(const Model& model, const std::vector<int64_t>& rounds, const char* function);

/// The scores of rows after each round of a model, a round at a time: those of predict() with so
/// many trees, bit for bit, at the cost of one prediction in all. The booster must outlive it.
class StagedScores {
 public:
  /// Throws ShapeError naming `function` when x has another number of features than the model.
  StagedScores(const Booster& booster, FeatureMatrix x, const char* function);

  int64_t rows() const { return x_.rows; }
  /// Adds the next round; false when there is none.
  bool next();
  /// The predictions so far, row-major (rows, outputs); with `raw_score` the scores.
  void predict(bool raw_score, double* out) const;

 private:
  void add_trees(size_t first, size_t last);

  const Booster* booster_;
  FeatureMatrix x_;
  Model shell_;  // the model without trees and base scores
  int per_round_;
  size_t used_ = 0;  // trees
  std::vector<double> scores_;
};

}  // namespace cne::gbdt
