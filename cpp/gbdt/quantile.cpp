#include "gbdt/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cne::gbdt {

namespace {

constexpr size_t kMaxCategories = 254;

struct Distinct {
  std::vector<double> values;
  std::vector<int64_t> counts;
};

void count(Distinct& out, double value, int64_t times) {
  if (out.values.empty() || value != out.values.back()) {
    out.values.push_back(value + 0.0);  // no sign of zero
    out.counts.push_back(0);
  }
  out.counts.back() += times;
}

Distinct count_distinct(const std::vector<double>& sorted, int64_t zeros) {
  Distinct out;
  size_t i = 0;
  for (; i < sorted.size() && sorted[i] < 0; ++i) count(out, sorted[i], 1);
  if (zeros > 0) count(out, 0, zeros);
  for (; i < sorted.size(); ++i) count(out, sorted[i], 1);
  return out;
}

/// A bound b with low <= b < high.
double between(double low, double high) {
  const double middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

std::vector<double> equal_count_bounds(const Distinct& d, int max_bins) {
  const auto n = static_cast<int64_t>(d.values.size());
  int64_t rest_count = 0;
  for (const int64_t count : d.counts) rest_count += count;
  double mean = static_cast<double>(rest_count) / max_bins;
  std::vector<uint8_t> big(d.values.size());
  int rest_bins = max_bins;
  for (int64_t i = 0; i < n; ++i) {
    big[i] = static_cast<double>(d.counts[i]) >= mean;
    if (big[i]) {
      --rest_bins;
      rest_count -= d.counts[i];
    }
  }
  const auto rest_mean = [&] { return static_cast<double>(rest_count) / std::max(1, rest_bins); };
  mean = rest_mean();
  std::vector<double> bounds;
  int64_t current = 0;
  for (int64_t i = 0; i + 1 < n && static_cast<int>(bounds.size()) < max_bins - 1; ++i) {
    if (!big[i]) rest_count -= d.counts[i];
    current += d.counts[i];
    const auto filled = static_cast<double>(current);
    if (!big[i] && filled < mean && !(big[i + 1] && filled >= std::max(1.0, mean * 0.5))) continue;
    bounds.push_back(between(d.values[i], d.values[i + 1]));
    current = 0;
    if (!big[i]) {
      --rest_bins;
      mean = rest_mean();
    }
  }
  return bounds;
}

}  // namespace

int FeatureBins::bin_of(double value) const {
  if (std::isnan(value)) return missing_bin();
  const auto found = std::lower_bound(bounds.begin(), bounds.end(), value);
  if (categorical && (found == bounds.end() || *found != value)) return missing_bin();
  return static_cast<int>(found - bounds.begin());
}

FeatureBins numeric_bins(const std::vector<double>& sorted, int64_t zeros, int max_bins) {
  FeatureBins out;
  const Distinct d = count_distinct(sorted, zeros);
  if (static_cast<int>(d.values.size()) <= max_bins) {
    for (size_t i = 0; i + 1 < d.values.size(); ++i)
      out.bounds.push_back(between(d.values[i], d.values[i + 1]));
  } else {
    out.bounds = equal_count_bounds(d, max_bins);
  }
  out.bounds.push_back(std::numeric_limits<double>::infinity());
  return out;
}

void CategoryCounts::add(double value, int64_t times) {
  constexpr double kCodes = 65536;
  if (times == 0 || std::isnan(value)) return;
  if (!(value >= 0 && value < kCodes && value == std::floor(value))) {
    others_[value] += times;
    return;
  }
  const auto code = static_cast<size_t>(value);
  if (code >= codes_.size()) codes_.resize(std::max(code + 1, 2 * codes_.size()));
  codes_[code] += times;
}

std::vector<std::pair<double, int64_t>> CategoryCounts::all() const {
  std::vector<std::pair<double, int64_t>> out(others_.begin(), others_.end());
  for (size_t code = 0; code < codes_.size(); ++code)
    if (codes_[code] > 0) out.emplace_back(static_cast<double>(code), codes_[code]);
  return out;
}

FeatureBins CategoryCounts::bins() const {
  std::vector<std::pair<double, int64_t>> order = all();
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (order.size() > kMaxCategories) order.resize(kMaxCategories);
  FeatureBins out;
  out.categorical = true;
  for (const auto& [value, count] : order) out.bounds.push_back(value);
  std::sort(out.bounds.begin(), out.bounds.end());
  return out;
}

}  // namespace cne::gbdt
