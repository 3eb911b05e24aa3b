#include "gbdt/percentile.h"

#include <algorithm>

namespace cne::gbdt {

double weighted_percentile(std::vector<Weighted>& values, double alpha) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  double total = 0;
  for (const Weighted& value : values) total += value.second;
  const double wanted = alpha * total;
  double reached = 0;
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    reached += values[i].second;
    if (reached > wanted) return values[i].first;
    if (reached == wanted) return values[i].first / 2 + values[i + 1].first / 2;
  }
  return values.back().first;
}

}  // namespace cne::gbdt
