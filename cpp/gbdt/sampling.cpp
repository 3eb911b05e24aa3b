#include "gbdt/sampling.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "core/simd.h"
#include "gbdt/histogram.h"
#include "gbdt/objective_math.h"
#include "gbdt/random_unit.h"
#include "gbdt/row_fold.h"
#include "gbdt/row_weights.h"

namespace cne::gbdt {

namespace kernels {

/// (-log u)^power of numbers u in (0, 1], in place.
CNE_MULTIVERSION void exponential_powers(double* u, int64_t n, double power) {
  for (int64_t i = 0; i < n; ++i) {
    const double exponential = -log_exact(u[i]);
    if (power == 1) {
      u[i] = exponential;
      continue;
    }
    const double positive = exponential > 0 ? exponential : 1.0;
    const double raised = exp_exact(power * log_exact(positive));
    u[i] = exponential > 0 ? raised : 0.0;
  }
}

}  // namespace kernels

namespace {

constexpr double kMost = 1 << 30;

/// Calls body(i) for i in [0, n) on the pool.
template <typename Body>
void for_each(int64_t n, const Body& body) {
  parallel_for(n, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace

RowSampler::RowSampler(const Labels& labels, std::vector<int32_t> counted,
                       const SampleOptions& options, uint64_t seed)
    : labels_(labels), counted_(std::move(counted)), options_(options), seed_(seed) {
  if (static_cast<int64_t>(counted_.size()) < labels.rows) {
    counts_.resize(static_cast<size_t>(labels.rows));
    for (const int32_t row : counted_) counts_[row] = 1;
  }
  if (!options.bagging_by_query) return;
  if (labels.groups.empty())
    throw ArgumentError("train: expected query groups with bagging_by_query, got none");
  query_of_.resize(static_cast<size_t>(labels.rows));
  for (size_t q = 0; q + 1 < labels.groups.size(); ++q)
    std::fill(query_of_.begin() + labels.groups[q], query_of_.begin() + labels.groups[q + 1],
              static_cast<int32_t>(q));
}

void RowSampler::choose(int round, double learning_rate,
                        std::vector<std::vector<Gradient>>& gradients,
                        std::vector<GradientUnits>& units) {
  weights_.clear();
  whole_ = true;
  switch (options_.strategy) {
    case RowSampling::kBagging:
      bag(round);
      break;
    case RowSampling::kGoss:
      // The first trees see all rows: their gradients do not tell yet what is hard.
      if (round < static_cast<int>(1 / learning_rate)) return;
      choose_goss(round, sizes(gradients, units));
      break;
    case RowSampling::kMvs:
      if (options_.subsample < 1) choose_mvs(round, sizes(gradients, units));
      break;
    case RowSampling::kBayesian:
      weigh_by_bayes(round);
  }
  if (!weights_.empty())
    for (size_t k = 0; k < gradients.size(); ++k)
      units[k] = reweigh(rows(), weights_, units[k], gradients[k]);
}

/// Takes the counted rows whose flag is 1; never none.
void RowSampler::keep(const std::vector<uint8_t>& keep) {
  whole_ = false;
  chosen_.clear();
  in_bag_.assign(static_cast<size_t>(labels_.rows), 0);
  for (size_t i = 0; i < counted_.size(); ++i) {
    if (!keep[i]) continue;
    chosen_.push_back(counted_[i]);
    in_bag_[counted_[i]] = 1;
  }
  if (!chosen_.empty()) return;
  chosen_.push_back(counted_[0]);
  in_bag_[counted_[0]] = 1;
}

void RowSampler::bag(int round) {
  const double positive = options_.subsample * options_.pos_bagging_fraction;
  const double negative = options_.subsample * options_.neg_bagging_fraction;
  if (options_.bagging_freq == 0 || (positive >= 1 && negative >= 1)) return;
  const int drawn = round - round % options_.bagging_freq;
  whole_ = false;
  if (drawn == bagged_round_) return;
  bagged_round_ = drawn;
  const uint64_t key = random_key(seed_, Draw::kRows, static_cast<uint64_t>(drawn));
  std::vector<uint8_t> flags(counted_.size());
  for_each(static_cast<int64_t>(counted_.size()), [&](int64_t i) {
    const int32_t row = counted_[i];
    flags[i] = random_unit(key, unit_of(row)) < (labels_.label[row] > 0 ? positive : negative);
  });
  keep(flags);
}

/// The size of each counted row's gradients. GOSS: the sum of |g| h; MVS: sqrt(sum g^2 + reg h^2).
/// In units of the largest fixed-point number, so that no scale of the labels leaves a float.
std::vector<float> RowSampler::sizes(const std::vector<std::vector<Gradient>>& gradients,
                                     const std::vector<GradientUnits>& units) const {
  const bool goss = options_.strategy == RowSampling::kGoss;
  GradientUnits largest{0, 0};
  for (const GradientUnits& unit : units) {
    largest.gradient = std::max(largest.gradient, unit.gradient);
    largest.hessian = std::max(largest.hessian, unit.hessian);
  }
  std::vector<GradientUnits> scale;
  for (const GradientUnits& unit : units)
    scale.push_back(
        {unit.gradient / largest.gradient / kMost, unit.hessian / largest.hessian / kMost});
  const double ratio = largest.hessian / largest.gradient;
  const double reg =
      options_.mvs_reg < 0 ? chosen_reg(gradients, scale) : options_.mvs_reg * ratio * ratio;
  std::vector<float> out(counted_.size());
  for_each(static_cast<int64_t>(counted_.size()), [&](int64_t i) {
    double size = 0;
    for (size_t k = 0; k < gradients.size(); ++k) {
      const Gradient& fixed = gradients[k][counted_[i]];
      const double g = fixed.gradient * scale[k].gradient;
      const double h = fixed.hessian * scale[k].hessian;
      size += goss ? std::abs(g * h) : g * g + reg * h * h;
    }
    out[i] = static_cast<float>(goss ? size : std::sqrt(size));
  });
  return out;
}

/// The squared value of a tree without splits whose gradients had one sign.
double RowSampler::chosen_reg(const std::vector<std::vector<Gradient>>& gradients,
                              const std::vector<GradientUnits>& units) const {
  double g = 0;
  double h = 0;
  for (size_t k = 0; k < gradients.size(); ++k) {
    GradientSums sums;
    for (const int32_t row : counted_) {
      sums.gradient += std::abs(gradients[k][row].gradient);
      sums.hessian += gradients[k][row].hessian;
    }
    g += static_cast<double>(sums.gradient) * units[k].gradient;
    h += static_cast<double>(sums.hessian) * units[k].hessian;
  }
  return h > 0 ? (g / h) * (g / h) : 0;
}

void RowSampler::choose_goss(int round, const std::vector<float>& sizes) {
  const auto n = static_cast<double>(counted_.size());
  const auto top = std::max<int64_t>(1, static_cast<int64_t>(n * options_.top_rate));
  const auto other = std::max<int64_t>(1, static_cast<int64_t>(n * options_.other_rate));
  const float least = kth_largest(sizes, top);
  int64_t larger = 0;
  for (const float size : sizes) larger += size > least;
  int64_t ties = top - larger;  // rows of size `least` that belong to the top: the first ones
  const double rest = n - static_cast<double>(top);
  const double chance = rest > 0 ? std::min(1.0, static_cast<double>(other) / rest) : 1.0;
  const uint64_t key = random_key(seed_, Draw::kRows, static_cast<uint64_t>(round));
  std::vector<uint8_t> flags(counted_.size());
  weights_.assign(static_cast<size_t>(labels_.rows), 1.0F);
  for (size_t i = 0; i < counted_.size(); ++i) {
    const int32_t row = counted_[i];
    if (sizes[i] > least || (sizes[i] == least && ties-- > 0)) {
      flags[i] = 1;
    } else if (random_unit(key, static_cast<uint64_t>(row)) < chance) {
      flags[i] = 1;
      weights_[row] = static_cast<float>(1 / chance);
    }
  }
  keep(flags);
}

void RowSampler::choose_mvs(int round, const std::vector<float>& sizes) {
  const double mu = mvs_threshold(sizes, options_.subsample * static_cast<double>(sizes.size()));
  if (mu == 0) return;
  const uint64_t key = random_key(seed_, Draw::kRows, static_cast<uint64_t>(round));
  std::vector<uint8_t> flags(counted_.size());
  weights_.assign(static_cast<size_t>(labels_.rows), 1.0F);
  for_each(static_cast<int64_t>(counted_.size()), [&](int64_t i) {
    const int32_t row = counted_[i];
    const double chance = std::min(1.0, static_cast<double>(sizes[i]) / mu);
    if (random_unit(key, static_cast<uint64_t>(row)) >= chance) return;
    flags[i] = 1;
    weights_[row] = static_cast<float>(1 / chance);
  });
  keep(flags);
}

void RowSampler::weigh_by_bayes(int round) {
  if (options_.bagging_temperature == 0) return;
  const uint64_t key = random_key(seed_, Draw::kRowWeights, static_cast<uint64_t>(round));
  weights_.assign(static_cast<size_t>(labels_.rows), 0.0F);
  parallel_for(static_cast<int64_t>(counted_.size()), kRowGrain, [&](int64_t begin, int64_t end) {
    constexpr int64_t kBlock = 1024;
    double draws[kBlock];
    for (int64_t at = begin; at < end; at += kBlock) {
      const int64_t n = std::min(kBlock, end - at);
      for (int64_t i = 0; i < n; ++i) draws[i] = 1 - random_unit(key, unit_of(counted_[at + i]));
      kernels::exponential_powers(draws, n, options_.bagging_temperature);
      for (int64_t i = 0; i < n; ++i) weights_[counted_[at + i]] = static_cast<float>(draws[i]);
    }
  });
}

}  // namespace cne::gbdt
