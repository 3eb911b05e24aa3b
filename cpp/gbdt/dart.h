#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Which rounds are left out while the next one grows, and how they share their weight afterwards
/// (DART: Rashmi and Gilad-Bachrach 2015, arXiv:1505.01866; the choice by weight as in LightGBM).
///
/// The weights of the rounds follow from seed, options and learning rates alone, so a schedule that
/// was run again to some round is the same as the one that was there before.
class DropSchedule {
 public:
  DropSchedule(const DartOptions& options, uint64_t seed) : options_(options), seed_(seed) {}

  struct Round {
    std::vector<int> dropped;  // earlier rounds, ascending
    double rate = 0;           // what the new trees are multiplied by
    double factor = 1;         // what those of the dropped rounds are
  };
  /// The next round, which learns with `learning_rate`.
  Round next(double learning_rate);

 private:
  std::vector<int> choose() const;

  DartOptions options_;
  uint64_t seed_;
  std::vector<double> weights_;  // by round
};

}  // namespace cne::gbdt
