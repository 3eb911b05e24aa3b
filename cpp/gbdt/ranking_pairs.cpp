#include "gbdt/ranking_pairs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/simd.h"
#include "gbdt/objective_math.h"
#include "gbdt/ranking.h"

namespace cne::gbdt {

namespace kernels {

constexpr int kLanes = 8;
constexpr int kPairs = 128;

/// A document and at most kPairs of those that rank below it; `change` is what a swap with it
/// changes.
struct PairTask {
  double score;
  double label;
  double sigmoid;
  bool normalize;
  int64_t n;
  const double* scores;
  const double* labels;
  const double* change;
};

/// What pairs add to the lower document.
struct PairDerivatives {
  double gradient[kPairs];
  double hessian[kPairs];
  double size[kPairs];
};

CNE_MULTIVERSION void pair_derivatives(const PairTask& task, PairDerivatives* out) {
  const PairTask t = task;  // not changed by what is written
  const double least = t.normalize ? 0.01 : 1.0;
  const double slope = t.normalize ? 1.0 : 0.0;
  for (int64_t j = 0; j < t.n; ++j) {
    const double sign = t.label > t.labels[j] ? 1.0 : -1.0;
    const double apart = sign * (t.score - t.scores[j]);
    const double change = t.label == t.labels[j] ? 0.0 : t.change[j];
    const double weight = t.sigmoid * (change / (least + slope * std::abs(apart)));
    const double p = sigmoid(-t.sigmoid * apart);
    out->size[j] = weight * p;
    out->gradient[j] = sign * (weight * p);
    out->hessian[j] = t.sigmoid * weight * (p * (1.0 - p));
  }
}

/// Adds numbers in eight sums side by side, so that their order does not depend on the processor.
CNE_MULTIVERSION void add_lanes(const double* from, int64_t n, double* lanes) {
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) lanes[lane] += from[j + lane];
  for (; j < n; ++j) lanes[0] += from[j];
}

CNE_MULTIVERSION void add_each(const double* from, int64_t n, double* to) {
  for (int64_t j = 0; j < n; ++j) to[j] += from[j];
}

CNE_MULTIVERSION void ndcg_changes(double gain, double discount, const double* gains,
                                   const double* discounts, int64_t n, double* out) {
  for (int64_t j = 0; j < n; ++j)
    out[j] = std::abs(gain - gains[j]) * std::abs(discount - discounts[j]);
}

}  // namespace kernels

namespace {

/// A sum in a fixed order.
class LaneSum {
 public:
  void add(const double* from, int64_t n) { kernels::add_lanes(from, n, lanes_); }
  double value() const { return std::accumulate(lanes_, lanes_ + kernels::kLanes, 0.0); }

 private:
  double lanes_[kernels::kLanes] = {};
};

/// Documents by rank, and what swaps of them change.
class Ranking {
 public:
  Ranking(const ObjectiveOptions& options, const RankedQuery& query,
          const std::vector<double>& discounts)
      : kind_(options.kind), order_(static_cast<size_t>(query.n)) {
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return query.score[a] > query.score[b]; });
    for (const int i : order_) {
      scores_.push_back(query.score[i]);
      labels_.push_back(query.label[i]);
    }
    change_.assign(order_.size(), 1.0);
    if (kind_ == Objective::kLambdaRank) {
      best_ = ideal_dcg(query.label, query.n, options.truncation);
      for (size_t t = 0; t < order_.size(); ++t) {
        gains_.push_back(ranking_gain(labels_[t]));
        discounts_.push_back(discounts[t] / best_);
      }
    } else if (kind_ == Objective::kLambdaRankMap) {
      count_hits();
    }
  }

  /// Whether any order of the documents is better than another.
  bool any() const { return best_ > 0; }
  int64_t size() const { return static_cast<int64_t>(order_.size()); }
  /// Where the document of a rank is in the query.
  int position(int64_t rank) const { return order_[rank]; }
  const double* scores() const { return scores_.data(); }
  const double* labels() const { return labels_.data(); }

  /// What the swaps of rank i with ranks j > i change, at [j].
  const double* changes(int64_t i) {
    if (kind_ == Objective::kLambdaRank)
      kernels::ndcg_changes(gains_[i], discounts_[i], gains_.data() + i + 1,
                            discounts_.data() + i + 1, size() - i - 1, change_.data() + i + 1);
    if (kind_ == Objective::kLambdaRankMap)
      for (int64_t j = i + 1; j < size(); ++j) change_[j] = precision_change(i, j);
    return change_.data();
  }

 private:
  bool is_hit(int64_t rank) const { return labels_[rank] > 0; }

  void count_hits() {
    double hits = 0;
    double shares = 0;
    for (int64_t t = 0; t < size(); ++t) {
      if (is_hit(t)) {
        ++hits;
        shares += 1.0 / static_cast<double>(t + 1);
      }
      hits_.push_back(hits);
      shares_.push_back(shares);
    }
    best_ = hits;
  }

  double precision_change(int64_t i, int64_t j) const {
    if (is_hit(i) == is_hit(j)) return 0;
    const auto at = [](int64_t rank) { return static_cast<double>(rank + 1); };
    // Hits strictly between both lose, or win, one hit before them.
    const double between = shares_[j - 1] - shares_[i];
    const double change = is_hit(i) ? hits_[j] / at(j) - hits_[i] / at(i) - between
                                    : (hits_[i] + 1) / at(i) + between - hits_[j] / at(j);
    return std::abs(change) / best_;
  }

  Objective kind_;
  std::vector<int> order_;
  std::vector<double> scores_;
  std::vector<double> labels_;
  std::vector<double> change_;
  double best_ = 1;
  std::vector<double> gains_;
  std::vector<double> discounts_;  // over the best DCG
  std::vector<double> hits_;
  std::vector<double> shares_;
};

}  // namespace

std::vector<double> ranking_discounts(int64_t ranks) {
  std::vector<double> out;
  for (int64_t rank = 0; rank < ranks; ++rank) out.push_back(ranking_discount(rank));
  return out;
}

void add_pair_derivatives(const ObjectiveOptions& options, const RankedQuery& query,
                          const std::vector<double>& discounts) {
  Ranking ranking(options, query, discounts);
  if (!ranking.any()) return;
  const int64_t n = query.n;
  const double* scores = ranking.scores();
  const bool normalize = options.normalize && options.kind != Objective::kPairwise;
  std::vector<double> gradients(static_cast<size_t>(n));
  std::vector<double> hessians(static_cast<size_t>(n));
  double sum = 0;
  kernels::PairDerivatives pairs;
  for (int64_t i = 0; i < std::min<int64_t>(options.truncation, n); ++i) {
    const double* changes = ranking.changes(i);
    LaneSum gradient, hessian, size;
    for (int64_t from = i + 1; from < n; from += kernels::kPairs) {
      const int64_t count = std::min<int64_t>(kernels::kPairs, n - from);
      kernels::pair_derivatives(
          {scores[i], ranking.labels()[i], options.sigmoid, normalize && scores[0] != scores[n - 1],
           count, scores + from, ranking.labels() + from, changes + from},
          &pairs);
      kernels::add_each(pairs.gradient, count, gradients.data() + from);
      kernels::add_each(pairs.hessian, count, hessians.data() + from);
      gradient.add(pairs.gradient, count);
      hessian.add(pairs.hessian, count);
      size.add(pairs.size, count);
    }
    gradients[i] -= gradient.value();
    hessians[i] += hessian.value();
    sum += 2 * size.value();
  }
  const double factor = normalize && sum > 0 ? log_exact(1 + sum) / log_exact(2.0) / sum : 1.0;
  for (int64_t t = 0; t < n; ++t) {
    query.gradient[ranking.position(t)] += gradients[t] * factor;
    query.hessian[ranking.position(t)] += hessians[t] * factor;
  }
}

}  // namespace cne::gbdt
