#include "gbdt/split.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cne::gbdt {

double LeafMath::value(const GradientSums& sums) const {
  const double denominator = hessian(sums) + l2_;
  return denominator > 0 ? -shrunk(gradient(sums)) / denominator : 0.0;
}

double LeafMath::score(const GradientSums& sums, double extra_l2) const {
  const double g = shrunk(gradient(sums));
  const double denominator = hessian(sums) + l2_ + extra_l2;
  return denominator > 0 ? g * g / denominator : 0.0;
}

namespace {

/// One search: the leaf's sums and what a split must satisfy.
struct Search {
  const GradientSums& total;
  const GradientSums& missing;
  const GrowOptions& options;
  const LeafMath& math;
  int count;  // bins without the missing one
  double parent;
  double extra_l2 = 0;

  bool allowed(const GradientSums& side) const {
    return side.rows >= options.min_child_samples && side.rows > 0 &&
           math.hessian(side) >= options.min_sum_hessian;
  }
  /// Twice the loss reduction above what a split must gain; not allowed: minus infinity.
  double gain(const GradientSums& left) const {
    const GradientSums right = total - left;
    if (!allowed(left) || !allowed(right)) return -std::numeric_limits<double>::infinity();
    return math.score(left, extra_l2) + math.score(right, extra_l2) - parent;
  }
  void offer(Split& best, const GradientSums& left, bool missing_left, int bin) const {
    const double now = gain(left);
    if (!(now > best.gain)) return;
    best.gain = now;
    best.bin = bin;
    best.missing_left = missing_left;
    best.left = left;
  }
};

void scan_numeric(const Search& search, const GradientSums* slots, bool missing_left, Split& best) {
  GradientSums left = missing_left ? search.missing : GradientSums{};
  // The last bin may end the left side only when missing values are left for the right one.
  const int last = !missing_left && search.missing.rows > 0 ? search.count : search.count - 1;
  for (int b = 0; b < last; ++b) {
    left += slots[b];
    if (slots[b].rows == 0) continue;
    search.offer(best, left, missing_left, b);
  }
}

void scan_one_against_rest(const Search& search, const GradientSums* slots, Split& best) {
  for (int b = 0; b < search.count; ++b) {
    if (slots[b].rows == 0) continue;
    search.offer(best, slots[b], false, b);
    if (search.missing.rows > 0) {
      GradientSums left = slots[b];
      left += search.missing;
      search.offer(best, left, true, b);
    }
  }
  if (best.gain > -std::numeric_limits<double>::infinity()) insert(best.left_bins, best.bin);
}

/// Categories sorted by gradient / (hessian + cat_smooth): the best subset under a convex loss is a
/// prefix of that order (Fisher 1958), so prefixes from both ends are tried.
void scan_subsets(const Search& search, const GradientSums* slots, Split& best) {
  const GrowOptions& options = search.options;
  std::vector<std::pair<double, int>> order;
  for (int b = 0; b < search.count; ++b) {
    if (static_cast<double>(slots[b].rows) < options.cat_smooth || slots[b].rows == 0) continue;
    order.emplace_back(
        search.math.gradient(slots[b]) / (search.math.hessian(slots[b]) + options.cat_smooth), b);
  }
  std::sort(order.begin(), order.end());
  const auto n = static_cast<int>(order.size());
  const int most = std::min(options.max_cat_threshold, (n + 1) / 2);
  int best_length = 0;
  bool best_from_end = false;
  for (const bool from_end : {false, true}) {
    for (const bool missing_left : {false, true}) {
      if (missing_left && search.missing.rows == 0) continue;
      GradientSums left = missing_left ? search.missing : GradientSums{};
      int64_t added = 0;
      for (int i = 0; i < most; ++i) {
        const GradientSums& slot = slots[order[from_end ? n - 1 - i : i].second];
        left += slot;
        added += slot.rows;
        if (search.total.rows - left.rows < options.min_data_per_group) break;
        if (added < options.min_data_per_group || !search.allowed(left)) continue;
        added = 0;
        const double before = best.gain;
        search.offer(best, left, missing_left, 0);
        if (best.gain > before) {
          best_length = i + 1;
          best_from_end = from_end;
        }
      }
    }
  }
  for (int i = 0; i < best_length; ++i)
    insert(best.left_bins, order[best_from_end ? n - 1 - i : i].second);
}

int used_categories(const GradientSums* slots, int count) {
  int used = 0;
  for (int b = 0; b < count; ++b) used += slots[b].rows > 0;
  return used;
}

}  // namespace

Split best_split(const BinMatrix& bins, int feature, const GradientSums* histogram,
                 const GradientSums& total, const GrowOptions& options, const LeafMath& math) {
  const FeatureBins& feature_bins = bins.bins(feature);
  const GradientSums* slots = histogram + bins.slot(feature);
  const int count = feature_bins.count();
  Search search{total, slots[count], options, math, count, math.score(total)};
  Split best;
  if (!feature_bins.categorical) {
    scan_numeric(search, slots, false, best);
    if (search.missing.rows > 0) scan_numeric(search, slots, true, best);
  } else {
    best.categorical = true;
    if (used_categories(slots, count) <= options.max_cat_to_onehot) {
      scan_one_against_rest(search, slots, best);
    } else {
      search.extra_l2 = options.cat_l2;
      scan_subsets(search, slots, best);
    }
  }
  if (!(best.gain > 2 * options.min_gain)) return {};
  best.gain /= 2;
  best.feature = feature;
  if (search.missing.rows == 0) best.missing_left = best.left.rows * 2 > total.rows;
  return best;
}

}  // namespace cne::gbdt
