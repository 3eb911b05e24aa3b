#pragma once

#include <vector>

#include "bind/bind_gbdt.h"
#include "gbdt/train.h"

namespace cne::bind {

/// Python functions that training calls, and whether the user interrupted it. They are called by
/// the thread that trains, which takes the interpreter lock for them; it holds no lock of the pool
/// then. Must outlive the training.
class TrainCallables {
 public:
  /// `callback(round, results)` or None; its False ends the training. Results are tuples of the
  /// set's name, the metric, its value and whether larger is better.
  TrainCallables(nb::object callback, std::vector<std::string> sets);

  /// `function(set, predictions)` gives a name, a value and whether larger is better; predictions
  /// are (rows,), or (rows, outputs), through the link of the objective.
  gbdt::CustomMetric metric(nb::object function, const std::vector<gbdt::EvaluationSet>& sets,
                            const gbdt::ObjectiveOptions& objective);

  /// `function(scores)` gives gradients and hessians, each an array of float64 in the shape of the
  /// scores: (rows,), or (rows, outputs).
  gbdt::CustomDerivatives objective(nb::object function, int outputs, int64_t rows);

  /// Between rounds: false after Ctrl-C, so that the rounds so far are the result.
  bool poll();
  gbdt::RoundCallback round_callback();
  bool interrupted() const { return interrupted_; }

 private:
  template <typename Function>
  auto finish_the_round(const Function& function);

  nb::object callback_;
  nb::object objective_;
  std::vector<nb::object> metrics_;
  std::vector<std::string> sets_;
  bool interrupted_ = false;
};

}  // namespace cne::bind
