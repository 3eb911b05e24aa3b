#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gbdt/binned.h"
#include "gbdt/booster.h"
#include "gbdt/communicator.h"
#include "gbdt/loss.h"
#include "gbdt/metric.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Rows that are scored after each round.
struct EvaluationSet {
  std::string name;
  FeatureMatrix x;
  Labels labels;
};

/// The metrics of the evaluation sets, by set, metric and round.
using Evaluations = std::vector<std::vector<std::vector<double>>>;

/// What a callback sees after a round.
struct RoundView {
  int round = 0;              // from 0
  const Model& model;         // the trees so far, with the weights that they have now
  const Evaluations& values;  // this round's are the last ones
  const std::vector<Metric>& metrics;
};

struct TrainResult {
  Model model;
  std::vector<std::string> metrics;  // their names
  Evaluations values;
  int best_iteration = 0;    // rounds kept, those of the model to go on from included
  bool interrupted = false;  // by this worker or another one, between rounds
};

/// What a callback wants. The end without `keep` leaves the rounds to early stopping, if it is on.
struct RoundVerdict {
  bool go_on = true;
  std::optional<int> keep;  // rounds to keep at the end; all that are there when they are fewer
};

/// Called after each round.
using RoundCallback = std::function<RoundVerdict(const RoundView&)>;

/// Boosts `options.n_estimators` rounds on x and its labels (Friedman 2001, with second-order
/// steps); a round grows one tree for each output, or one for all. `categorical` is 1 for each
/// feature that holds categories, x.width() entries. With early_stopping_rounds, stops when a
/// metric has not improved for so many rounds and keeps the trees up to its best.
///
/// With `start`, goes on from that model: its trees stay in front, and rounds count from them, also
/// in the values of the evaluation sets. Going on from the first rounds of a training, on the same
/// data with the same options, gives the model of that training bit for bit (with kDart: from its
/// snapshots). Texts that `start` does not know as categories count as missing.
///
/// The same data, options and seed give the same model bit for bit, for any number of threads.
/// Throws ShapeError and ArgumentError for lengths, labels, options and models that do not fit.
TrainResult train(const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
                  const TrainOptions& options, const RoundCallback& callback = {},
                  const Model* start = nullptr);

/// The same on the rows of all workers of `group`, of which x, labels and sets are this one's part,
/// in the order of the ranks: every worker gets the model of one that has all rows, bit for bit.
/// Queries lie in one part. `x` has the texts of all workers as levels. Throws UnsupportedError for
/// what looks at the values of other rows, IoError when another worker is gone.
TrainResult train(Communicator& group, const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
                  const TrainOptions& options, const RoundCallback& callback = {},
                  const Model* start = nullptr);

/// The same on rows that have been binned, with the bits of training on their values. Goes on from
/// the model that they were binned with, or from one whose trees their bins tell. Throws
/// UnsupportedError for options that need the values, and ArgumentError for other bins.
TrainResult train(const Binned& rows, const Labels& labels, const std::vector<uint8_t>& categorical,
                  const std::vector<EvaluationSet>& sets, const TrainOptions& options,
                  const RoundCallback& callback = {}, const Model* start = nullptr);

}  // namespace cne::gbdt
