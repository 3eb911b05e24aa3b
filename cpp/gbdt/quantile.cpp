#include "gbdt/quantile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/hash.h"
#include "core/parallel.h"
#include "gbdt/radix_sort.h"

namespace cne::gbdt {

namespace {

constexpr int kMaxCategories = 254;

struct Distinct {
  std::vector<double> values;
  std::vector<int64_t> counts;
};

Distinct count_distinct(const std::vector<double>& sorted) {
  Distinct out;
  for (const double value : sorted) {
    if (out.values.empty() || value != out.values.back()) {
      out.values.push_back(value);
      out.counts.push_back(0);
    }
    ++out.counts.back();
  }
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

std::vector<int32_t> sample_rows(const std::vector<int32_t>& rows, int64_t sample, uint64_t seed) {
  const auto n = static_cast<int64_t>(rows.size());
  if (n <= sample) return rows;
  std::vector<int32_t> out(static_cast<size_t>(sample));
  for (int64_t i = 0; i < sample; ++i) {
    const auto begin = static_cast<int64_t>(static_cast<__int128>(i) * n / sample);
    const auto end = static_cast<int64_t>(static_cast<__int128>(i + 1) * n / sample);
    const uint64_t random = hash_u64(seed * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(i) + 1);
    out[i] = rows[begin + static_cast<int64_t>(random % static_cast<uint64_t>(end - begin))];
  }
  return out;
}

constexpr int kTile = 16;  // features sampled together

/// The bins of the numeric ones among features [first, last).
template <typename T>
void bin_tile(const FeatureMatrix& x, const std::vector<int32_t>& rows,
              const std::vector<uint8_t>& categorical, int first, int last, int max_bins,
              std::vector<FeatureBins>& out) {
  std::array<std::vector<T>, kTile> values;
  for (int j = first; j < last; ++j)
    if (!categorical[j]) values[j - first].reserve(rows.size());
  for (const int32_t row : rows)
    for (int j = first; j < last; ++j) {
      if (categorical[j]) continue;
      const auto value = static_cast<T>(x.columns[j][row]);
      if (value == value) values[j - first].push_back(value);
    }
  for (int j = first; j < last; ++j) {
    if (categorical[j]) continue;
    std::vector<T>& sorted = values[j - first];
    radix_sort(sorted);
    out[j] = numeric_bins({sorted.begin(), sorted.end()}, max_bins);
    sorted = {};
  }
}

}  // namespace

int FeatureBins::bin_of(double value) const {
  if (std::isnan(value)) return missing_bin();
  const auto found = std::lower_bound(bounds.begin(), bounds.end(), value);
  if (categorical && (found == bounds.end() || *found != value)) return missing_bin();
  return static_cast<int>(found - bounds.begin());
}

FeatureBins numeric_bins(const std::vector<double>& sorted, int max_bins) {
  FeatureBins out;
  const Distinct d = count_distinct(sorted);
  if (static_cast<int>(d.values.size()) <= max_bins) {
    for (size_t i = 0; i + 1 < d.values.size(); ++i)
      out.bounds.push_back(between(d.values[i], d.values[i + 1]));
  } else {
    out.bounds = equal_count_bounds(d, max_bins);
  }
  out.bounds.push_back(std::numeric_limits<double>::infinity());
  return out;
}

FeatureBins categorical_bins(const FeatureColumn& column, const std::vector<int32_t>& rows) {
  // Codes are counted in an array, other numbers in a table.
  constexpr double kCodes = 65536;
  std::vector<int64_t> codes(static_cast<size_t>(kCodes));
  std::unordered_map<double, int64_t> counts;
  for (const int32_t row : rows) {
    const double value = column[row];
    if (value >= 0 && value < kCodes && value == std::floor(value))
      ++codes[static_cast<size_t>(value)];
    else if (!std::isnan(value))
      ++counts[value];
  }
  for (size_t code = 0; code < codes.size(); ++code)
    if (codes[code] > 0) counts[static_cast<double>(code)] = codes[code];
  std::vector<std::pair<double, int64_t>> order(counts.begin(), counts.end());
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

std::vector<FeatureBins> find_bins(const FeatureMatrix& x, const std::vector<int32_t>& rows,
                                   const std::vector<uint8_t>& categorical, int max_bins,
                                   int64_t sample, uint64_t seed) {
  const std::vector<int32_t> chosen = sample_rows(rows, sample, seed);
  std::vector<FeatureBins> out(x.columns.size());
  // Features side by side: a matrix stored by rows is read a cache line at a time.
  const int64_t tiles = (x.width() + kTile - 1) / kTile;
  parallel_tasks(tiles, [&](int64_t tile, int) {
    const int first = static_cast<int>(tile) * kTile;
    const int last = std::min(first + kTile, x.width());
    bool single = true;
    for (int j = first; j < last; ++j) single &= categorical[j] || x.columns[j].is_float32;
    if (single)
      bin_tile<float>(x, chosen, categorical, first, last, max_bins, out);
    else
      bin_tile<double>(x, chosen, categorical, first, last, max_bins, out);
  });
  parallel_tasks(x.width(), [&](int64_t j, int) {
    if (categorical[j]) out[j] = categorical_bins(x.columns[j], rows);
  });
  return out;
}

}  // namespace cne::gbdt
