#include "gbdt/level_split.h"

#include <algorithm>

#include "gbdt/constraints.h"
#include "gbdt/random_unit.h"

namespace cne::gbdt {

namespace {

/// Cuts of one feature, each with the sum of gains over the leaves of the level.
class LevelSearch {
 public:
  LevelSearch(const std::vector<LevelLeaf>& leaves, int feature, const SplitNoise& noise,
              uint64_t noise_key)
      : leaves_(leaves),
        first_(leaves[0].context),
        options_(first_.options),
        feature_(feature),
        stride_(first_.bins.total_slots()),
        count_(first_.bins.bins(feature).count()),
        outputs_(first_.outputs),
        direction_(direction_of(first_, feature)),
        key_(first_.random + hash_u64(static_cast<uint64_t>(feature) + 1)),
        noise_(noise),
        noise_key_(noise_key + hash_u64(static_cast<uint64_t>(feature) + 1)) {
    pooled_.resize(static_cast<size_t>((outputs_ - 1) * stride_ + count_ + 1));
    for (const LevelLeaf& leaf : leaves)
      for (int k = 0; k < outputs_; ++k)
        for (int b = 0; b <= count_; ++b)
          pooled_[k * stride_ + b] += slots_of(leaf)[k * stride_ + b];
    for (int b = 0; b <= count_; ++b) rows_ += pooled_[b].rows;
    for (const LevelLeaf& leaf : leaves)
      for (int k = 0; k < outputs_; ++k)
        score_ += leaf.context.math[k].score(leaf.context.total[k]);
  }

  RankedSplit find() {
    const bool categorical = first_.bins.bins(feature_).categorical;
    RankedSplit found;
    if (!categorical) {
      numeric(found);
    } else {
      int used = 0;
      for (int b = 0; b < count_; ++b) used += pooled_[b].rows > 0;
      if (used <= options_.max_cat_to_onehot)
        one_against_rest(found);
      else
        subsets(found);
    }
    Split& best = found.split;
    best.categorical = categorical;
    if (direction_ != 0) best.gain *= monotone_factor(options_.monotone_penalty, first_.depth);
    if (!(best.gain > 2 * options_.min_gain)) return {};
    best.gain /= 2;
    best.feature = feature_;
    if (pooled_[count_].rows == 0) best.missing_left = left_rows(best) * 2 > rows_;
    // Among features a draw of its own: the best of many cuts has a large one.
    found.rank =
        noise_.deviation > 0 ? noise_.rank(score_, 2 * best.gain, noise_key_, draws_) : best.gain;
    return found;
  }

 private:
  const GradientSums* slots_of(const LevelLeaf& leaf) const {
    return leaf.histogram + first_.bins.slot(feature_);
  }
  bool has_missing() const { return pooled_[count_].rows > 0; }

  /// Adds up the gains of the cuts that grow by the bins of `order`, one bin a cut.
  std::vector<double> gains(const std::vector<int>& order, bool missing_left, bool cumulative,
                            double extra_l2) const {
    std::vector<double> out(order.size());
    std::vector<GradientSums> left(static_cast<size_t>(outputs_));
    for (const LevelLeaf& leaf : leaves_) {
      const GradientSums* slots = slots_of(leaf);
      const auto clear = [&] {
        for (int k = 0; k < outputs_; ++k)
          left[k] = missing_left ? slots[k * stride_ + count_] : GradientSums{};
      };
      clear();
      double gain = 0;
      for (size_t i = 0; i < order.size(); ++i) {
        if (!cumulative) clear();
        for (int k = 0; k < outputs_; ++k) left[k] += slots[k * stride_ + order[i]];
        if (i == 0 || !cumulative || slots[order[i]].rows > 0)
          gain = may_cut(leaf.context, left.data())
                     ? cut_gain(leaf.context, left.data(), extra_l2, direction_)
                     : 0;
        out[i] += gain;
      }
    }
    return out;
  }

  /// The positions of `n` that may be taken: all, or with extra_trees a random one.
  bool is_tried(int at, int n) const {
    return !options_.extra_trees || at == static_cast<int>(random_unit(key_, 0) * n);
  }

  /// Whether a cut is the best one so far; it is then to be put into `best.split`.
  bool takes(double gain, RankedSplit& best) const {
    if (noise_.deviation > 0 && !(gain > 2 * options_.min_gain)) return false;
    const double rank = noise_.rank(score_, gain, noise_key_, draws_++);
    if (!(rank > best.rank)) return false;
    best.rank = rank;
    best.split.gain = gain;
    return true;
  }

  void numeric(RankedSplit& best) const {
    std::vector<int> order;
    for (int b = 0; b < count_; ++b) order.push_back(b);
    for (const bool missing_left : {false, true}) {
      if (missing_left && !has_missing()) continue;
      const int last = !missing_left && has_missing() ? count_ : count_ - 1;
      const std::vector<double> found = gains(order, missing_left, true, 0);
      for (int b = 0; b < last; ++b) {
        if (pooled_[b].rows == 0 || !is_tried(b, last) || !takes(found[b], best)) continue;
        best.split.bin = b;
        best.split.missing_left = missing_left;
      }
    }
  }

  void one_against_rest(RankedSplit& best) const {
    std::vector<int> order;
    for (int b = 0; b < count_; ++b)
      if (pooled_[b].rows > 0) order.push_back(b);
    for (const bool missing_left : {false, true}) {
      if (missing_left && !has_missing()) continue;
      const std::vector<double> found = gains(order, missing_left, false, 0);
      for (size_t i = 0; i < order.size(); ++i) {
        if (!is_tried(static_cast<int>(i), static_cast<int>(order.size())) ||
            !takes(found[i], best))
          continue;
        best.split.missing_left = missing_left;
        best.split.left_bins = {};
        insert(best.split.left_bins, order[i]);
      }
    }
  }

  void subsets(RankedSplit& best) const {
    std::vector<int> order = sorted_categories(first_, pooled_.data(), count_);
    const int most = std::min(options_.max_cat_threshold, (static_cast<int>(order.size()) + 1) / 2);
    for (const bool from_end : {false, true}) {
      if (from_end) std::reverse(order.begin(), order.end());
      const std::vector<int> tried(order.begin(), order.begin() + most);
      for (const bool missing_left : {false, true}) {
        if (missing_left && !has_missing()) continue;
        const std::vector<double> found = gains(tried, missing_left, true, options_.cat_l2);
        for (int i = 0; i < most; ++i) {
          if (!is_tried(i, most) || !takes(found[i], best)) continue;
          best.split.missing_left = missing_left;
          best.split.left_bins = {};
          for (int c = 0; c <= i; ++c) insert(best.split.left_bins, tried[c]);
        }
      }
    }
  }

  int64_t left_rows(const Split& split) const {
    int64_t out = 0;
    for (int b = 0; b < count_; ++b)
      if (split.categorical ? contains(split.left_bins, b) : b <= split.bin) out += pooled_[b].rows;
    return out;
  }

  const std::vector<LevelLeaf>& leaves_;
  const SplitContext& first_;
  const GrowOptions& options_;
  int feature_;
  int64_t stride_;
  int count_;
  int outputs_;
  int direction_;
  uint64_t key_;
  const SplitNoise& noise_;
  uint64_t noise_key_;
  mutable uint64_t draws_ = 0;
  double score_ = 0;                  // of the leaves as they are
  std::vector<GradientSums> pooled_;  // over all leaves
  int64_t rows_ = 0;
};

}  // namespace

RankedSplit best_level_split(const std::vector<LevelLeaf>& leaves, int feature,
                             const SplitNoise& noise, uint64_t noise_key) {
  return LevelSearch(leaves, feature, noise, noise_key).find();
}

}  // namespace cne::gbdt
