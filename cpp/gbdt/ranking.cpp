#include "gbdt/ranking.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "gbdt/objective_math.h"

namespace cne::gbdt {

double ranking_gain(double label) {
  return static_cast<double>(uint64_t{1} << static_cast<int>(label)) - 1.0;
}

double ranking_discount(int64_t rank) {
  return log_exact(2.0) / log_exact(static_cast<double>(rank + 2));
}

double ideal_dcg(const double* labels, int64_t n, int at) {
  std::vector<double> sorted(labels, labels + n);
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const int64_t top = at > 0 ? std::min<int64_t>(at, n) : n;
  double out = 0;
  for (int64_t i = 0; i < top; ++i) out += ranking_gain(sorted[i]) * ranking_discount(i);
  return out;
}

std::vector<int64_t> query_bounds(const Labels& labels) {
  return labels.groups.empty() ? std::vector<int64_t>{0, labels.rows} : labels.groups;
}

}  // namespace cne::gbdt
