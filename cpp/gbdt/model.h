#pragma once

#include <string>
#include <vector>

#include "gbdt/derived_feature.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/objective.h"
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

/// A trained model as data: what the model file holds. Trees number the inputs from 0, then the
/// derived features.
///
///   score[k] = base_scores[k] + the values of the leaves that add to output k, in tree order
struct Model {
  ObjectiveOptions objective;
  std::vector<double> base_scores{0.0};  // one for each output
  // Foreign models: inputs are rounded to float32 before anything else, or scores are added up in
  // float32, base scores and leaves rounded so.
  bool float32_inputs = false;
  bool float32_sums = false;
  std::vector<FeatureInfo> features;
  std::vector<DerivedFeature> derived;
  std::vector<Tree> trees;
  std::string attributes;  // what the caller keeps with the model, such as class names

  int outputs() const { return static_cast<int>(base_scores.size()); }

  /// What trees compare for a value of input `feature`.
  double encode(int feature, double value) const {
    return features[feature].encode(float32_inputs ? static_cast<double>(static_cast<float>(value))
                                                   : value);
  }

  /// Throws CorruptionError naming `function` when the parts do not fit each other (a hostile
  /// file).
  void check(const char* function) const;
};

/// The numbers that trees compare, of rows [first, first + rows) into out, row-major: the inputs,
/// then the derived features, whose `lookups` are given.
void encode_rows(const Model& model, const std::vector<DerivedLookup>& lookups,
                 const FeatureMatrix& x, int64_t first, int64_t rows, double* out);

}  // namespace cne::gbdt
