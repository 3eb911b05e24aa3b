#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/booster.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

/// A model and how its validation loss went.
struct TrainResult {
  Model model;
  std::vector<double> validation_loss;  // after each round; empty without a validation set
  int best_iteration = 0;               // rounds kept
};

/// Rows held out for early stopping.
struct Validation {
  FeatureMatrix x;
  Labels labels;
};

/// Boosts `options.n_estimators` trees on x and its labels (Friedman 2001, with second-order
/// steps). `categorical` is 1 for each feature that holds categories, x.width() entries. With
/// `validation` and early_stopping_rounds, stops when its loss has not fallen for so many rounds
/// and keeps the trees up to the best. The same data, options and seed give the same model bit for
/// bit, for any number of threads. Throws ShapeError and ArgumentError for lengths, labels and
/// options that do not fit.
TrainResult train(const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const Validation* validation,
                  const TrainOptions& options);

}  // namespace cne::gbdt
