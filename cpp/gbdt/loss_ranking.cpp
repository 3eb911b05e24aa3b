// Rankings: LambdaRank for NDCG and MAP, RankNet, XE-NDCG.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/random_unit.h"
#include "gbdt/ranking.h"

namespace cne::gbdt {

namespace {

/// The documents of one query, by position where nothing else is said.
struct Query {
  const double* score;
  const double* label;
  int64_t n;
  double* gradient;
  double* hessian;
};

/// How much the measure of a query changes when documents at ranks i and j change places.
class SwapGain {
 public:
  SwapGain(const ObjectiveOptions& options, const Query& query, const std::vector<int>& order)
      : kind_(options.kind), label_(query.label), order_(order) {
    if (kind_ == Objective::kLambdaRank) {
      best_ = ideal_dcg(query.label, query.n, options.truncation);
    } else if (kind_ == Objective::kLambdaRankMap) {
      hits_.resize(order.size());
      shares_.resize(order.size());
      double hits = 0;
      double shares = 0;
      for (size_t t = 0; t < order.size(); ++t) {
        if (is_hit(static_cast<int64_t>(t))) {
          ++hits;
          shares += 1.0 / static_cast<double>(t + 1);
        }
        hits_[t] = hits;
        shares_[t] = shares;
      }
      best_ = hits;
    } else {
      best_ = 1;
    }
  }

  /// Whether any order of the documents is better than another.
  bool any() const { return best_ > 0; }

  double operator()(int64_t i, int64_t j) const {
    if (kind_ == Objective::kLambdaRank)
      return std::abs(ranking_gain(label(i)) - ranking_gain(label(j))) *
             std::abs(ranking_discount(i) - ranking_discount(j)) / best_;
    if (kind_ == Objective::kLambdaRankMap) return precision_change(i, j);
    return 1.0;
  }

 private:
  double label(int64_t rank) const { return label_[order_[rank]]; }
  bool is_hit(int64_t rank) const { return label(rank) > 0; }

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
  const double* label_;
  const std::vector<int>& order_;
  double best_ = 0;
  std::vector<double> hits_;
  std::vector<double> shares_;
};

/// All pairs with different labels of which one is among the first `truncation`: a logistic loss of
/// their scores' difference times what their swap would change (Burges 2010). Normalised as in
/// LightGBM: by the difference of scores, and by the sum of the query.
void add_pairs(const ObjectiveOptions& options, const Query& query) {
  std::vector<int> order(static_cast<size_t>(query.n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return query.score[a] > query.score[b]; });
  const SwapGain swap_gain(options, query, order);
  if (!swap_gain.any()) return;
  const bool spread = query.score[order.front()] != query.score[order.back()];
  const bool normalize = options.normalize && options.kind != Objective::kPairwise;
  const int64_t top = std::min<int64_t>(options.truncation, query.n);
  double sum = 0;
  for (int64_t i = 0; i < top; ++i) {
    for (int64_t j = i + 1; j < query.n; ++j) {
      if (query.label[order[i]] == query.label[order[j]]) continue;
      const bool first_is_better = query.label[order[i]] > query.label[order[j]];
      const int high = order[first_is_better ? i : j];
      const int low = order[first_is_better ? j : i];
      const double apart = query.score[high] - query.score[low];
      double delta = swap_gain(i, j);
      if (normalize && spread) delta /= 0.01 + std::abs(apart);
      const double p = sigmoid(-options.sigmoid * apart);
      const double lambda = options.sigmoid * delta * p;
      const double curve = options.sigmoid * options.sigmoid * delta * p * (1.0 - p);
      query.gradient[high] -= lambda;
      query.gradient[low] += lambda;
      query.hessian[high] += curve;
      query.hessian[low] += curve;
      sum += 2 * lambda;
    }
  }
  if (!normalize || sum <= 0) return;
  const double factor = log_exact(1 + sum) / log_exact(2.0) / sum;
  for (int64_t i = 0; i < query.n; ++i) {
    query.gradient[i] *= factor;
    query.hessian[i] *= factor;
  }
}

/// Cross entropy between the softmax of the scores and that of the gains less a random number, with
/// second and third order terms (Bruch 2021, arXiv:1911.09798; as LightGBM's rank_xendcg).
void add_cross_entropy(const Query& query, uint64_t key) {
  constexpr double kLeast = 1e-15;
  const auto n = static_cast<size_t>(query.n);
  std::vector<double> rho(query.score, query.score + n);
  const double most = *std::max_element(rho.begin(), rho.end());
  double total = 0;
  for (double& r : rho) total += r = exp_exact(r - most);
  for (double& r : rho) r /= total;
  std::vector<double> part(n);
  double gains = 0;
  for (size_t i = 0; i < n; ++i)
    gains += part[i] = ranking_gain(query.label[i]) + 1 - random_unit(key, i);
  const double inverse = 1.0 / std::max(gains, kLeast);
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const double term = rho[i] - part[i] * inverse;
    query.gradient[i] = term;
    part[i] = term / std::max(kLeast, 1.0 - rho[i]);
    sum += part[i];
  }
  double next = 0;
  for (size_t i = 0; i < n; ++i) {
    const double term = rho[i] * (sum - part[i]);
    query.gradient[i] += term;
    part[i] = term / std::max(kLeast, 1.0 - rho[i]);
    next += part[i];
  }
  for (size_t i = 0; i < n; ++i) {
    query.gradient[i] += rho[i] * (next - part[i]);
    query.hessian[i] = rho[i] * (1.0 - rho[i]);
  }
}

class RankingLoss : public Loss {
 public:
  RankingLoss(const ObjectiveOptions& options, const Labels& labels, uint64_t seed)
      : options_(options),
        labels_(labels),
        seed_(seed),
        groups_(query_bounds(labels)),
        gradient_(static_cast<size_t>(labels.rows)),
        hessian_(static_cast<size_t>(labels.rows)) {}

  std::vector<double> base_scores() const override { return {0.0}; }

  void prepare(const double* scores, int round) override {
    std::fill(gradient_.begin(), gradient_.end(), 0.0);
    std::fill(hessian_.begin(), hessian_.end(), 0.0);
    parallel_tasks(static_cast<int64_t>(groups_.size()) - 1, [&](int64_t q, int) {
      // A document of weight 0 is as if it were not there.
      std::vector<int64_t> rows;
      for (int64_t i = groups_[q]; i < groups_[q + 1]; ++i)
        if (labels_.weight_of(i) > 0) rows.push_back(i);
      const size_t n = rows.size();
      if (n < 2) return;
      std::vector<double> score(n), label(n), gradient(n), hessian(n);
      for (size_t i = 0; i < n; ++i) {
        score[i] = scores[rows[i]];
        label[i] = labels_.label[rows[i]];
      }
      const Query query{score.data(), label.data(), static_cast<int64_t>(n), gradient.data(),
                        hessian.data()};
      if (options_.kind == Objective::kXendcg)
        add_cross_entropy(query, random_key(seed_, Draw::kQuery, static_cast<uint64_t>(round), q));
      else
        add_pairs(options_, query);
      for (size_t i = 0; i < n; ++i) {
        gradient_[rows[i]] = gradient[i];
        hessian_[rows[i]] = hessian[i];
      }
    });
  }

  void derivatives(const double* scores, int output, int64_t begin, int64_t end, double* gradient,
                   double* hessian) const override {
    static_cast<void>(scores), static_cast<void>(output);
    for (int64_t i = begin; i < end; ++i) {
      gradient[i - begin] = labels_.weight_of(i) * gradient_[i];
      hessian[i - begin] = labels_.weight_of(i) * hessian_[i];
    }
  }

 private:
  const ObjectiveOptions& options_;
  const Labels& labels_;
  uint64_t seed_;
  std::vector<int64_t> groups_;
  std::vector<double> gradient_;
  std::vector<double> hessian_;
};

}  // namespace

std::unique_ptr<Loss> make_ranking_loss(const ObjectiveOptions& options, const Labels& labels,
                                        uint64_t seed) {
  return std::make_unique<RankingLoss>(options, labels, seed);
}

}  // namespace cne::gbdt
