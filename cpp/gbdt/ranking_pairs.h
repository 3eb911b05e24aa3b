#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/objective.h"

namespace cne::gbdt {

/// The documents of one query, by position.
struct RankedQuery {
  const double* score;
  const double* label;
  int64_t n;
  double* gradient;
  double* hessian;
};

/// 1 / log2(rank + 2) for ranks from 0 to `ranks` - 1.
std::vector<double> ranking_discounts(int64_t ranks);

/// Adds, for all pairs with different labels of which one is among the first `options.truncation`
/// by score, the derivatives of a logistic loss of the scores' difference, times what the measure
/// of the objective changes when both change places (Burges 2010; the measure: NDCG, MAP, or 1 for
/// "pairwise"). With `options.normalize` as LightGBM does it: less for scores that are far apart,
/// and the logarithm of the query's sum instead of the sum. `discounts` has at least n ranks.
void add_pair_derivatives(const ObjectiveOptions& options, const RankedQuery& query,
                          const std::vector<double>& discounts);

}  // namespace cne::gbdt
