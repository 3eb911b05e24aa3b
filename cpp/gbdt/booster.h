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
  bool zero_is_missing = false;    // |value| <= 1e-35 counts as missing
  std::vector<double> categories;  // ascending; a category's number is its position here
  Levels levels;                   // text features: the name of each code; codes are the values

  /// The number that trees compare: the value; for categories their number, kUnknownCategory when
  /// unknown; NaN when missing.
  double encode(double value) const;
};

/// A trained model as data: what the model file holds.
struct Model {
  ObjectiveOptions objective;
  std::vector<double> base_scores{0.0};  // one for each output
  // Foreign models: numbers are rounded to float32 before they are compared, or trees summed so.
  bool float32_inputs = false;
  bool float32_sums = false;
  std::vector<FeatureInfo> features;
  std::vector<Tree> trees;
  std::string attributes;  // what the caller keeps with the model, such as class names

  int outputs() const { return static_cast<int>(base_scores.size()); }
};

/// A trained model, ready to predict. Immutable; safe to share between threads.
class Booster {
 public:
  /// Throws CorruptionError naming `function` when the trees are not whole (a hostile file).
  Booster(Model model, const char* function);

  const Model& model() const { return model_; }
  int width() const { return static_cast<int>(model_.features.size()); }
  int outputs() const { return model_.outputs(); }
  std::vector<Levels> levels() const;

  /// Predictions of all rows into `out`, row-major (rows, outputs): scores through the link of the
  /// objective; with `raw_score` the scores. Uses the first `trees` trees, all when negative.
  /// Throws ShapeError when x has another number of features than the model.
  void predict(const FeatureMatrix& x, bool raw_score, int trees, double* out) const;

  /// The prediction of one row of width() numbers into out[0, outputs()); allocates nothing, throws
  /// nothing.
  void predict_row(const double* row, bool raw_score, double* out) const;

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
