#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/loss.h"

namespace cne::gbdt {

/// 2^label - 1 (Burges et al. 2005), for grades from 0 to 62.
double ranking_gain(double label);
/// 1 / log2(rank + 2), rank from 0.
double ranking_discount(int64_t rank);
/// The largest discounted gain that the first `at` of the labels can have; `at` 0: all.
double ideal_dcg(const double* labels, int64_t n, int at);

/// Where queries begin, and the end; one query where `labels` has no groups.
std::vector<int64_t> query_bounds(const Labels& labels);

}  // namespace cne::gbdt
