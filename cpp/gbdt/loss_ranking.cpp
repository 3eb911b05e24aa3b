// Rankings: LambdaRank for NDCG and MAP, RankNet, XE-NDCG.

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "gbdt/losses.h"
#include "gbdt/objective_math.h"
#include "gbdt/random_unit.h"
#include "gbdt/ranking.h"
#include "gbdt/ranking_pairs.h"

namespace cne::gbdt {

namespace {

/// Cross entropy between the softmax of the scores and that of the gains less a random number, with
/// second and third order terms (Bruch 2021, arXiv:1911.09798; as LightGBM's rank_xendcg).
void add_cross_entropy(const RankedQuery& query, uint64_t key) {
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
        discounts_(ranking_discounts(longest_query())),
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
      const RankedQuery query{score.data(), label.data(), static_cast<int64_t>(n), gradient.data(),
                              hessian.data()};
      if (options_.kind == Objective::kXendcg)
        add_cross_entropy(query, random_key(seed_, Draw::kQuery, static_cast<uint64_t>(round), q));
      else
        add_pair_derivatives(options_, query, discounts_);
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
  int64_t longest_query() const {
    int64_t out = 0;
    for (size_t q = 0; q + 1 < groups_.size(); ++q)
      out = std::max(out, groups_[q + 1] - groups_[q]);
    return out;
  }

  const ObjectiveOptions& options_;
  const Labels& labels_;
  uint64_t seed_;
  std::vector<int64_t> groups_;
  std::vector<double> discounts_;
  std::vector<double> gradient_;
  std::vector<double> hessian_;
};

}  // namespace

std::unique_ptr<Loss> make_ranking_loss(const ObjectiveOptions& options, const Labels& labels,
                                        uint64_t seed) {
  return std::make_unique<RankingLoss>(options, labels, seed);
}

}  // namespace cne::gbdt
