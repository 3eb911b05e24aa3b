#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/parallel.h"
#include "gbdt/loss.h"

namespace cne::gbdt {

inline constexpr int64_t kRowGrain = 16384;

/// Folds per-piece results of rows [0, n) in the order of the pieces, so that threads do not
/// matter. `piece(begin, end)` gives a T, `fold(a, b)` joins two.
template <typename T, typename Piece, typename Fold>
T fold_rows(int64_t n, T start, const Piece& piece, const Fold& fold) {
  const int64_t pieces = (n + kRowGrain - 1) / kRowGrain;
  std::vector<T> parts(static_cast<size_t>(pieces), start);
  parallel_tasks(pieces, [&](int64_t task, int) {
    parts[task] = piece(task * kRowGrain, std::min(n, (task + 1) * kRowGrain));
  });
  for (const T& part : parts) start = fold(start, part);
  return start;
}

/// The mean of `term(row)` over rows [0, n), each as much as `weight(row)`.
template <typename Weight, typename Term>
double mean_by(int64_t n, const Weight& weight, const Term& term) {
  struct Sums {
    double sum = 0;
    double weight = 0;
  };
  const Sums sums = fold_rows(
      n, Sums{},
      [&](int64_t begin, int64_t end) {
        Sums part;
        for (int64_t i = begin; i < end; ++i) {
          const double w = weight(i);
          part.sum += w * term(i);
          part.weight += w;
        }
        return part;
      },
      [](const Sums& a, const Sums& b) { return Sums{a.sum + b.sum, a.weight + b.weight}; });
  return sums.sum / sums.weight;
}

/// The mean of `term(row)` over the rows, by weight.
template <typename Term>
double weighted_mean_of(const Labels& labels, const Term& term) {
  return mean_by(labels.rows, [&](int64_t i) { return labels.weight_of(i); }, term);
}

/// The mean of values[0, rows), by weight.
inline double weighted_mean(const Labels& labels, const double* values) {
  return weighted_mean_of(labels, [&](int64_t i) { return values[i]; });
}

inline double largest_weight(const Labels& labels) {
  if (labels.weight == nullptr) return 1.0;
  return fold_rows(
      labels.rows, 0.0,
      [&](int64_t begin, int64_t end) {
        return *std::max_element(labels.weight + begin, labels.weight + end);
      },
      [](double a, double b) { return std::max(a, b); });
}

}  // namespace cne::gbdt
