#include "gbdt/dart.h"

#include <algorithm>

#include "gbdt/random_unit.h"

namespace cne::gbdt {

std::vector<int> DropSchedule::choose() const {
  const size_t round = weights_.size();
  const uint64_t key = random_key(seed_, Draw::kDropTree, round);
  if (round == 0 || random_unit(random_key(seed_, Draw::kDropRound, round), 0) < options_.skip_drop)
    return {};
  double sum = 0;
  for (const double weight : weights_) sum += weight;
  const double mean = sum / static_cast<double>(round);
  double rate = options_.drop_rate;
  if (options_.max_drop > 0) rate = std::min(rate, options_.max_drop / static_cast<double>(round));
  std::vector<int> out;
  for (size_t i = 0; i < round; ++i) {
    const double chance = options_.uniform_drop || !(mean > 0) ? rate : rate * weights_[i] / mean;
    if (random_unit(key, i) >= chance) continue;
    out.push_back(static_cast<int>(i));
    if (options_.max_drop > 0 && static_cast<int>(out.size()) == options_.max_drop) break;
  }
  return out;
}

DropSchedule::Round DropSchedule::next(double learning_rate) {
  Round out{choose(), learning_rate, 1.0};
  const auto k = static_cast<double>(out.dropped.size());
  if (k > 0) {
    switch (options_.normalization) {
      case DartNormalization::kLightgbm:
        out.rate = learning_rate / (k + 1);
        out.factor = k / (k + 1);
        break;
      case DartNormalization::kTree:
        out.rate = learning_rate / (k + learning_rate);
        out.factor = k / (k + learning_rate);
        break;
      case DartNormalization::kForest:
        out.rate = learning_rate / (1 + learning_rate);
        out.factor = 1 / (1 + learning_rate);
    }
  }
  for (const int round : out.dropped) weights_[round] *= out.factor;
  weights_.push_back(out.rate);
  return out;
}

}  // namespace cne::gbdt
