#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cne::gbdt {

/// How the values of one feature map to bins 0 .. count()-1; bin count() holds missing values.
struct FeatureBins {
  bool categorical = false;
  /// Numeric: the inclusive upper bound of each bin, ascending, the last one infinite.
  /// Categorical: the category of each bin, ascending; any other value is missing.
  std::vector<double> bounds;

  int count() const { return static_cast<int>(bounds.size()); }
  int missing_bin() const { return count(); }
  int bin_of(double value) const;
};

/// Bins for sorted values without NaN, and `zeros` more that are 0. With at most `max_bins`
/// distinct values each gets its own bin, the bound halfway to the next; otherwise bins hold about
/// equally many values, and a value that fills a bin alone gets one (as LightGBM's GreedyFindBin).
FeatureBins numeric_bins(const std::vector<double>& sorted, int64_t zeros, int max_bins);

/// How often the categories of one feature occur.
class CategoryCounts {
 public:
  /// NaN is no category.
  void add(double category, int64_t times);
  /// Each category that occurs, and how often.
  std::vector<std::pair<double, int64_t>> all() const;
  /// One bin a category. With more than 254 of them the most frequent keep a bin (ties: the
  /// smaller value), the rest count as missing.
  FeatureBins bins() const;

 private:
  std::vector<int64_t> codes_;  // of small whole numbers
  std::unordered_map<double, int64_t> others_;
};

}  // namespace cne::gbdt
