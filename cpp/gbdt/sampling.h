#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/gradient.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Chooses the rows of each round. Draws are by counters, so any round may come next.
/// `labels` must outlive it. For one thread at a time; works on the pool inside.
class RowSampler {
 public:
  /// `counted`: the rows with a weight above 0, ascending. Throws ArgumentError where queries are
  /// to be drawn and there are none.
  RowSampler(const Labels& labels, std::vector<int32_t> counted, const SampleOptions& options,
             uint64_t seed);

  /// Chooses the rows of `round` and reweighs their gradients (a list and units for each output).
  void choose(int round, double learning_rate, std::vector<std::vector<Gradient>>& gradients,
              std::vector<GradientUnits>& units);

  /// The rows of the last round, ascending.
  const std::vector<int32_t>& rows() const { return whole_ ? counted_ : chosen_; }
  /// What the gradients of the last round were multiplied by, by row; empty: 1 each.
  const std::vector<float>& weights() const { return weights_; }
  /// A number that changes when bagging draws other rows; -1 for all that count.
  int64_t draw() const { return whole_ ? -1 : bagged_round_; }
  /// By row, 1 for those of the last round; null when they are all rows of the set.
  const uint8_t* in_bag() const {
    if (!whole_) return in_bag_.data();
    return counts_.empty() ? nullptr : counts_.data();
  }

 private:
  void keep(const std::vector<uint8_t>& keep);
  void bag(int round);
  void choose_goss(int round, const std::vector<float>& sizes);
  void choose_mvs(int round, const std::vector<float>& sizes);
  void weigh_by_bayes(int round);
  std::vector<float> sizes(const std::vector<std::vector<Gradient>>& gradients,
                           const std::vector<GradientUnits>& units) const;
  double chosen_reg(const std::vector<std::vector<Gradient>>& gradients,
                    const std::vector<GradientUnits>& units) const;
  uint64_t unit_of(int32_t row) const {
    return static_cast<uint64_t>(query_of_.empty() ? row : query_of_[row]);
  }

  const Labels& labels_;
  std::vector<int32_t> counted_;
  SampleOptions options_;
  uint64_t seed_;
  std::vector<int32_t> query_of_;  // by row; empty unless queries are drawn
  bool whole_ = true;
  int64_t bagged_round_ = -1;  // the round whose draw `chosen_` is
  std::vector<int32_t> chosen_;
  std::vector<uint8_t> in_bag_;
  std::vector<uint8_t> counts_;  // by row, 1 for those that count; empty when all do
  std::vector<float> weights_;   // by row; empty: 1
};

}  // namespace cne::gbdt
