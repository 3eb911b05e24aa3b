#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gbdt/feature_matrix.h"
#include "gbdt/predict.h"
#include "gbdt/train_options.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// What a model knows of one input feature.
struct FeatureInfo {
  std::string name;  // empty when trained on an array
  bool categorical = false;
  std::vector<double> categories;  // ascending; a category's number is its position here
  Levels levels;                   // text features: the name of each code; codes are the values

  /// The number that trees compare: the value, for categories their number; NaN when unknown.
  double encode(double value) const;
};

/// A trained model as data: what the model file holds.
struct Model {
  Objective objective = Objective::kSquaredError;
  double base_score = 0;
  std::vector<FeatureInfo> features;
  std::vector<Tree> trees;
  std::string attributes;  // what the caller keeps with the model, such as class names
};

/// A trained model, ready to predict. Immutable; safe to share between threads.
class Booster {
 public:
  /// Throws CorruptionError naming `function` when the trees are not whole (a hostile file).
  Booster(Model model, const char* function);

  const Model& model() const { return model_; }
  int width() const { return static_cast<int>(model_.features.size()); }
  std::vector<Levels> levels() const;

  /// Predictions of all rows into out[0, x.rows): means or probabilities of label 1; with
  /// `raw_score` the sums of the trees. Uses the first `trees` trees, all when negative.
  /// Throws ShapeError when x has another number of features than the model.
  void predict(const FeatureMatrix& x, bool raw_score, int trees, double* out) const;

  /// The prediction of one row of width() numbers; allocates nothing, throws nothing.
  double predict_row(const double* row, bool raw_score) const;

  /// The leaf number of every row (rows) and tree (columns), row-major.
  void predict_leaves(const FeatureMatrix& x, int32_t* out) const;

  /// By feature: the summed gain of its splits, or how many there are.
  std::vector<double> gain_importance() const;
  std::vector<int64_t> split_importance() const;

 private:
  void check_width(const FeatureMatrix& x, const char* function) const;
  Model model_;
  Forest forest_;
};

}  // namespace cne::gbdt
