#include "gbdt/split.h"

#include <algorithm>
#include <vector>

#include "gbdt/constraints.h"
#include "gbdt/random_unit.h"
#include "gbdt/split_math.h"
#include "gbdt/split_scan.h"

namespace cne::gbdt {

namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

/// Whether the values of the children follow from their sums alone.
bool has_free_values(const SplitContext& context) {
  return context.options.max_delta_step == 0 && context.options.path_smooth == 0 &&
         context.bounds.lower == kNone && context.bounds.upper == -kNone;
}

/// One search. kOne: a single output, so that its loops vanish.
template <bool kOne>
class Search {
 public:
  Search(const SplitContext& context, int feature, const GradientSums* histogram)
      : context_(context),
        options_(context.options),
        slots_(histogram + context.bins.slot(feature)),
        stride_(context.bins.total_slots()),
        count_(context.bins.bins(feature).count()),
        direction_(direction_of(context, feature)),
        simple_(is_plain(context) && direction_ == 0),
        key_(context.random + hash_u64(static_cast<uint64_t>(feature) + 1)),
        left_(static_cast<size_t>(outputs())) {
    parent_ = simple_ ? context.math[0].score(context.total[0]) : 0;
  }

  Split numeric() {
    Split best;
    const int only = options_.extra_trees ? random_bin(1) : -1;
    for (const bool missing_left : {false, true}) {
      if (missing_left && missing_rows() == 0) continue;
      clear(missing_left);
      // The last bin may end the left side only when missing values are left for the right one.
      const int last = !missing_left && missing_rows() > 0 ? count_ : count_ - 1;
      for (int b = 0; b < last; ++b) {
        add(b);
        if (slots_[b].rows == 0 || (only >= 0 && b != only)) continue;
        offer(best, missing_left, b, 0);
      }
    }
    return best;
  }

  Split one_against_rest() {
    Split best;
    const int only = options_.extra_trees ? random_bin(0) : -1;
    for (int b = 0; b < count_; ++b) {
      if (slots_[b].rows == 0 || (only >= 0 && b != only)) continue;
      for (const bool missing_left : {false, true}) {
        if (missing_left && missing_rows() == 0) continue;
        clear(missing_left);
        add(b);
        offer(best, missing_left, b, 0);
      }
    }
    if (best.gain > kNone) insert(best.left_bins, best.bin);
    return best;
  }

  /// Prefixes of the sorted categories from both ends.
  Split subsets() {
    Split best;
    const std::vector<int> order = sorted_categories(context_, slots_, count_);
    const auto n = static_cast<int>(order.size());
    const int most = std::min(options_.max_cat_threshold, (n + 1) / 2);
    const int only = options_.extra_trees ? static_cast<int>(random_unit(key_, 0) * most) : -1;
    int best_length = 0;
    bool best_from_end = false;
    for (const bool from_end : {false, true}) {
      for (const bool missing_left : {false, true}) {
        if (missing_left && missing_rows() == 0) continue;
        clear(missing_left);
        int64_t added = 0;
        for (int i = 0; i < most; ++i) {
          const int b = order[from_end ? n - 1 - i : i];
          add(b);
          added += slots_[b].rows;
          if (context_.total[0].rows - left_[0].rows < options_.min_data_per_group) break;
          if (added < options_.min_data_per_group || !is_allowed(context_, left_.data())) continue;
          added = 0;
          if (only >= 0 && i != only) continue;
          const double before = best.gain;
          offer(best, missing_left, 0, options_.cat_l2);
          if (best.gain > before) {
            best_length = i + 1;
            best_from_end = from_end;
          }
        }
      }
    }
    for (int i = 0; i < best_length; ++i)
      insert(best.left_bins, order[best_from_end ? n - 1 - i : i]);
    return best;
  }

  int used_categories() const {
    int used = 0;
    for (int b = 0; b < count_; ++b) used += slots_[b].rows > 0;
    return used;
  }
  int64_t missing_rows() const { return slots_[count_].rows; }
  int direction() const { return direction_; }

 private:
  int outputs() const { return kOne ? 1 : context_.outputs; }

  void clear(bool missing_left) {
    for (int k = 0; k < outputs(); ++k)
      left_[k] = missing_left ? slots_[k * stride_ + count_] : GradientSums{};
  }
  void add(int bin) {
    for (int k = 0; k < outputs(); ++k) left_[k] += slots_[k * stride_ + bin];
  }

  /// One of the bins with rows, all equally likely, without the last `without` of them (at least
  /// one stays).
  int random_bin(int without) const {
    std::vector<int> used;
    for (int b = 0; b < count_; ++b)
      if (slots_[b].rows > 0) used.push_back(b);
    const auto n = static_cast<int>(used.size()) - without;
    if (used.empty()) return 0;
    return used[n > 0 ? static_cast<size_t>(random_unit(key_, 0) * n) : 0];
  }

  double gain(double extra_l2) const {
    if (!may_cut(context_, left_.data())) return kNone;
    if (!simple_) return cut_gain(context_, left_.data(), extra_l2, direction_);
    const LeafMath& math = context_.math[0];
    const GradientSums right = context_.total[0] - left_[0];
    return math.score(left_[0], extra_l2) + math.score(right, extra_l2) - parent_;
  }

  void offer(Split& best, bool missing_left, int bin, double extra_l2) const {
    const double now = gain(extra_l2);
    if (!(now > best.gain)) return;
    best.gain = now;
    best.bin = bin;
    best.missing_left = missing_left;
    best.left = left_[0];
  }

  const SplitContext& context_;
  const GrowOptions& options_;
  const GradientSums* slots_;  // of the feature, in the first output
  int64_t stride_;             // from one output to the next
  int count_;                  // bins without the missing one
  int direction_;
  bool simple_;
  uint64_t key_;
  double parent_ = 0;
  std::vector<GradientSums> left_;
};

/// The best cut of a feature as a split of the leaf, if it gains enough.
Split chosen(const SplitContext& context, int feature, Split best, bool any_missing) {
  if (!(best.gain > 2 * context.options.min_gain)) return {};
  best.gain /= 2;
  best.feature = feature;
  if (!any_missing) best.missing_left = best.left.rows * 2 > context.total[0].rows;
  return best;
}

template <bool kOne>
Split search(const SplitContext& context, int feature, const GradientSums* histogram) {
  Search<kOne> search(context, feature, histogram);
  Split best;
  if (!context.bins.bins(feature).categorical) {
    best = search.numeric();
  } else {
    best = search.used_categories() <= context.options.max_cat_to_onehot ? search.one_against_rest()
                                                                         : search.subsets();
    best.categorical = true;
  }
  if (search.direction() != 0)
    best.gain *= monotone_factor(context.options.monotone_penalty, context.depth);
  return chosen(context, feature, best, search.missing_rows() > 0);
}

}  // namespace

bool is_plain(const SplitContext& context) {
  return context.outputs == 1 && !context.options.extra_trees && has_free_values(context);
}

int direction_of(const SplitContext& context, int feature) {
  const std::vector<int>& directions = context.options.monotone_constraints;
  return directions.empty() ? 0 : directions[context.bins.feature(feature)];
}

bool is_allowed(const SplitContext& context, const GradientSums* side) {
  const GrowOptions& options = context.options;
  if (side[0].rows < options.min_child_samples || side[0].rows <= 0) return false;
  double hessian = context.math[0].hessian(side[0]);
  for (int k = 1; k < context.outputs; ++k) hessian += context.math[k].hessian(side[k]);
  return hessian >= options.min_sum_hessian * context.outputs;
}

bool may_cut(const SplitContext& context, const GradientSums* left) {
  if (!is_allowed(context, left)) return false;
  if (context.outputs == 1) {
    const GradientSums right = context.total[0] - left[0];
    return is_allowed(context, &right);
  }
  std::vector<GradientSums> right(static_cast<size_t>(context.outputs));
  for (int k = 0; k < context.outputs; ++k) right[k] = context.total[k] - left[k];
  return is_allowed(context, right.data());
}

double cut_gain(const SplitContext& context, const GradientSums* left, double extra_l2,
                int direction) {
  const bool by_sums = direction == 0 && has_free_values(context);
  double gain = 0;
  for (int k = 0; k < context.outputs; ++k) {
    const LeafMath& math = context.math[k];
    if (by_sums) {
      gain += free_gain(math, context.total[k], left[k], extra_l2);
      continue;
    }
    const CutLeaf leaf{context.total[k], context.value[k], context.bounds};
    const double more = bound_gain(math, leaf, left[k], extra_l2, direction);
    if (more == kNone) return kNone;
    gain += more;
  }
  return gain;
}

std::vector<int> sorted_categories(const SplitContext& context, const GradientSums* slots,
                                   int count) {
  const double smooth = context.options.cat_smooth;
  const int64_t stride = context.bins.total_slots();
  int output = 0;
  double most = -1;
  for (int k = 0; k < context.outputs && context.outputs > 1; ++k) {
    double spread = 0;
    for (int b = 0; b < count; ++b) spread += context.math[k].score(slots[k * stride + b], smooth);
    if (spread > most) {
      most = spread;
      output = k;
    }
  }
  const GradientSums* sums = slots + output * stride;
  const LeafMath& math = context.math[output];
  std::vector<std::pair<double, int>> order;
  for (int b = 0; b < count; ++b) {
    if (static_cast<double>(sums[b].rows) < smooth || sums[b].rows == 0) continue;
    order.emplace_back(math.gradient(sums[b]) / (math.hessian(sums[b]) + smooth), b);
  }
  std::sort(order.begin(), order.end());
  std::vector<int> out;
  for (const auto& [ratio, bin] : order) out.push_back(bin);
  return out;
}

Split best_split(const SplitContext& context, int feature, const GradientSums* histogram) {
  const FeatureBins& bins = context.bins.bins(feature);
  if (is_plain(context) && !bins.categorical && direction_of(context, feature) == 0) {
    const GradientSums* slots = histogram + context.bins.slot(feature);
    const bool any_missing = slots[bins.count()].rows > 0;
    return chosen(context, feature, scan_numeric(context, slots, bins.count()), any_missing);
  }
  return context.outputs == 1 ? search<true>(context, feature, histogram)
                              : search<false>(context, feature, histogram);
}

}  // namespace cne::gbdt
