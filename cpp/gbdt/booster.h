#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/derived_feature.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/model.h"
#include "gbdt/predict.h"

namespace cne::gbdt {

/// A trained model, ready to predict. Immutable; safe to share between threads. Can be moved, not
/// copied.
class Booster {
 public:
  /// Throws CorruptionError naming `function` when the trees are not whole (a hostile file).
  Booster(Model model, const char* function);

  const Model& model() const { return parts_->model; }
  const std::vector<DerivedLookup>& lookups() const { return parts_->lookups; }
  int width() const { return static_cast<int>(model().features.size()); }
  int outputs() const { return model().outputs(); }
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

  /// Throws ShapeError naming `function` when x has another number of features than the model.
  void check_width(const FeatureMatrix& x, const char* function) const;
  /// Numbers of a row that trees compare: of inputs and derived features.
  int encoded_width() const { return width() + static_cast<int>(lookups().size()); }
  /// Those of rows [first, first + rows) into out, row-major.
  void encode_rows(const FeatureMatrix& x, int64_t first, int64_t rows, double* out) const {
    gbdt::encode_rows(model(), lookups(), x, first, rows, out);
  }

 private:
  // Parts that refer to each other, so they stay where they are.
  struct Parts {
    explicit Parts(Model m, const char* function);
    Model model;
    std::vector<DerivedLookup> lookups;
    Forest forest;
  };
  std::unique_ptr<const Parts> parts_;
};

}  // namespace cne::gbdt
