#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.h"
#include "gbdt/metrics.h"
#include "gbdt/ranking.h"

namespace cne::gbdt {

std::vector<int64_t> by_falling_score(const double* scores, int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  return order;
}

namespace {

/// The rank of each row's score among the distinct ones, from the smallest.
std::vector<int64_t> score_ranks(const double* scores, int64_t n) {
  const std::vector<int64_t> order = by_falling_score(scores, n);
  std::vector<int64_t> out(order.size());
  int64_t rank = 0;
  for (size_t i = order.size(); i-- > 0;) {
    if (i + 1 < order.size() && scores[order[i]] != scores[order[i + 1]]) ++rank;
    out[order[i]] = rank;
  }
  return out;
}

/// Sums over the numbers below n, to which terms are added (Fenwick 1994).
class PrefixSums {
 public:
  explicit PrefixSums(int64_t n) : sums_(static_cast<size_t>(n) + 1) {}

  void add(int64_t at, double term) {
    total_ += term;
    for (auto i = static_cast<size_t>(at) + 1; i < sums_.size(); i += i & (~i + 1))
      sums_[i] += term;
  }
  double below(int64_t end) const {
    double out = 0;
    for (auto i = static_cast<size_t>(end); i > 0; i &= i - 1) out += sums_[i];
    return out;
  }
  double total() const { return total_; }

 private:
  std::vector<double> sums_;
  double total_ = 0;
};

/// The mean of `of(labels in the order of the scores)` over the queries.
template <typename Of>
double mean_over_queries(const MetricInput& in, const Of& of) {
  const std::vector<int64_t> groups = query_bounds(in.labels);
  const auto queries = static_cast<int64_t>(groups.size()) - 1;
  std::vector<double> values(static_cast<size_t>(queries));
  std::vector<double> weights(values.size());
  parallel_tasks(queries, [&](int64_t q, int) {
    const int64_t begin = groups[q];
    const int64_t n = groups[q + 1] - begin;
    if (n == 0) return;
    std::vector<double> ordered;
    for (const int64_t i : by_falling_score(in.scores + begin, n))
      ordered.push_back(in.labels.label[begin + i]);
    values[q] = of(ordered);
    for (int64_t i = begin; i < begin + n; ++i) weights[q] += in.labels.weight_of(i);
    weights[q] /= static_cast<double>(n);
  });
  double sum = 0;
  double total = 0;
  for (size_t q = 0; q < values.size(); ++q) {
    sum += weights[q] * values[q];
    total += weights[q];
  }
  return total > 0 ? sum / total : 0.0;
}

size_t depth(const MetricInput& in, size_t n) {
  return in.metric.at > 0 ? std::min(n, static_cast<size_t>(in.metric.at)) : n;
}

}  // namespace

double metric_ndcg(const MetricInput& in) {
  return mean_over_queries(in, [&](const std::vector<double>& labels) {
    const auto n = static_cast<int64_t>(labels.size());
    const double best = ideal_dcg(labels.data(), n, in.metric.at);
    if (best <= 0) return in.metric.empty_is_zero ? 0.0 : 1.0;
    double got = 0;
    for (size_t i = 0; i < depth(in, labels.size()); ++i)
      got += ranking_gain(labels[i]) * ranking_discount(static_cast<int64_t>(i));
    return got / best;
  });
}

double metric_map(const MetricInput& in) {
  return mean_over_queries(in, [&](const std::vector<double>& labels) {
    const size_t top = depth(in, labels.size());
    const auto relevant =
        std::count_if(labels.begin(), labels.end(), [](double y) { return y > 0; });
    if (relevant == 0) return in.metric.empty_is_zero ? 0.0 : 1.0;
    double hits = 0;
    double sum = 0;
    for (size_t i = 0; i < top; ++i)
      if (labels[i] > 0) sum += ++hits / static_cast<double>(i + 1);
    return sum / static_cast<double>(std::min<int64_t>(relevant, static_cast<int64_t>(top)));
  });
}

/// The share of the first documents that are good; a query with fewer is measured by what it has.
double metric_precision_at(const MetricInput& in) {
  return mean_over_queries(in, [&](const std::vector<double>& labels) {
    const size_t top = depth(in, labels.size());
    const auto last = labels.begin() + static_cast<int64_t>(top);
    const auto good = std::count_if(labels.begin(), last, [](double y) { return y > 0; });
    return static_cast<double>(good) / static_cast<double>(top);
  });
}

double metric_mrr(const MetricInput& in) {
  return mean_over_queries(in, [&](const std::vector<double>& labels) {
    for (size_t i = 0; i < depth(in, labels.size()); ++i)
      if (labels[i] > 0) return 1.0 / static_cast<double>(i + 1);
    return 0.0;
  });
}

/// Of the pairs whose order in time is known, the share that the scores order so: for Cox a larger
/// score is an earlier event, for accelerated failure time a later one. Ties of scores by half.
/// From the last time to the first, each event is compared with the weights of all later rows.
double metric_c_index(const MetricInput& in) {
  const Labels& labels = in.labels;
  const bool cox = in.options.kind == Objective::kCox;
  const auto time = [&](int64_t i) { return std::abs(labels.label[i]); };
  const auto is_event = [&](int64_t i) {
    return cox ? labels.label[i] > 0
               : labels.upper == nullptr || labels.upper[i] == labels.label[i];
  };
  const std::vector<int64_t> ranks = score_ranks(in.scores, labels.rows);
  PrefixSums later(labels.rows);
  double good = 0;
  double known = 0;
  std::vector<int64_t> order(static_cast<size_t>(labels.rows));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return time(a) > time(b); });
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin; end < order.size() && time(order[end]) == time(order[begin]); ++end) {
      const int64_t i = order[end];
      if (!is_event(i)) continue;
      const double below = later.below(ranks[i]);
      const double upto = later.below(ranks[i] + 1);
      const double apart = cox ? below : later.total() - upto;
      good += labels.weight_of(i) * (apart + (upto - below) / 2);
      known += labels.weight_of(i) * later.total();
    }
    for (size_t k = begin; k < end; ++k) later.add(ranks[order[k]], labels.weight_of(order[k]));
  }
  return known > 0 ? good / known : 0.5;
}

}  // namespace cne::gbdt
