#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/booster.h"
#include "gbdt/loss.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Categories as numbers that do not tell a row its own label: ordered target statistics
/// (Prokhorenkova et al. 2018, arXiv:1706.09516).
///
/// Each categorical feature with more than max_cat_to_onehot categories becomes numbers: the mean
/// label of its category, and how often the category occurs. While training, a row's mean is taken
/// over the rows before it in a random order: (sum + a * prior) / (weight + a), with the mean of
/// all labels as prior and a = ordered_prior. Several classes have a mean each. Afterwards the
/// means are those of all rows, so a threshold on them is a set of categories: the model holds
/// ordinary splits on categories, of any number, and needs no tables. Missing values are a
/// category; ones that training did not see have the prior.
///
/// Immutable after construction. Views x, which must outlive it.
class OrderedCategories {
 public:
  OrderedCategories(const FeatureMatrix& x, const Labels& labels,
                    const std::vector<uint8_t>& categorical, const TrainOptions& options,
                    const Model* start);

  /// Whether no feature becomes numbers.
  bool empty() const { return sources_.empty(); }

  /// The training rows: numbers in place of such features, and behind all features.
  const FeatureMatrix& training() const { return training_; }
  /// Other rows, with the means of all training rows. Views x.
  FeatureMatrix derive(const FeatureMatrix& x) const;
  /// 1 for each feature of training() that still holds categories.
  const std::vector<uint8_t>& categorical() const { return categorical_; }
  /// Constraints for the features of training().
  GrowOptions constraints(GrowOptions options) const;

  /// A model of training() as one of the rows of the caller.
  Model to_categories(Model model) const;
  /// The reverse. Throws UnsupportedError naming `function` unless `model` was trained on the same
  /// categories and means.
  Model to_numbers(const Model& model, const char* function) const;

 private:
  /// Numbers of one column of training(), by category: scaled and moved, so that thresholds of the
  /// columns of one source differ.
  struct Column {
    int feature;  // of training()
    std::vector<double> values;
    double missing;
    double unknown;
  };
  struct Source {
    int feature;  // of the caller
    FeatureInfo info;
    std::vector<Column> columns;
  };
  const Column* column_of(int feature, const Source** source) const;

  std::vector<FeatureInfo> features_;  // of the caller; those of others than sources are not filled
  std::vector<Source> sources_;
  FeatureMatrix training_;
  std::vector<uint8_t> categorical_;
};

}  // namespace cne::gbdt
