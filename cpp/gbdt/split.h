#pragma once

#include <array>
#include <limits>

#include "gbdt/leaf_math.h"

namespace cne::gbdt {

/// Which bins of a feature go left: bit b % 64 of word b / 64.
using BinSet = std::array<uint64_t, 4>;
inline bool contains(const BinSet& set, int bin) { return (set[bin >> 6] >> (bin & 63)) & 1; }
inline void insert(BinSet& set, int bin) { set[bin >> 6] |= uint64_t{1} << (bin & 63); }

/// The best way found to cut a leaf in two.
struct Split {
  double gain = -std::numeric_limits<double>::infinity();  // loss reduction above min_gain
  int feature = -1;                                        // of the bin matrix; -1: none found
  int bin = 0;                                             // numeric: bins <= bin go left
  bool categorical = false;
  bool missing_left = false;
  BinSet left_bins{};  // categorical: what goes left, without the missing bin
  GradientSums left;   // of the first output

  bool found() const { return feature >= 0; }
};

/// A split and what it is compared by with others: its gain, or that with noise (split_noise.h).
struct RankedSplit {
  Split split;
  double rank = kNoGain;

  void offer(const Split& other, double other_rank) {
    if (!(other_rank > rank)) return;
    split = other;
    rank = other_rank;
  }
};

/// What a search knows of the leaf that it would cut. Views, which must outlive it; `math`, `total`
/// and `value` have one entry for each output of the tree, and so many histograms follow each
/// other, bins.total_slots() apart.
struct SplitContext {
  const BinMatrix& bins;
  const GrowOptions& options;
  const LeafMath* math;
  const GradientSums* total;
  const double* value;  // of the leaf, before shrinkage
  int outputs = 1;
  ValueBounds bounds;
  int depth = 0;
  uint64_t random = 0;  // extra_trees: the key of the leaf
};

/// Whether a search has one output, all cuts are tried, and nothing but its sums makes the value of
/// a leaf: then gain = score(left) + score(right) - score(total), but for monotone features.
bool is_plain(const SplitContext& context);

/// 1 or -1 where feature `feature` of the bin matrix is monotone, else 0.
int direction_of(const SplitContext& context, int feature);

/// Whether a child may have the sums of `side` (one for each output). The hessian of several
/// outputs is their mean.
bool is_allowed(const SplitContext& context, const GradientSums* side);

/// Whether `left` (one for each output) and the rest of the leaf may be its children.
bool may_cut(const SplitContext& context, const GradientSums* left);

/// Twice the loss reduction of a cut into `left` and the rest, both allowed; minus infinity where
/// the values of the children go against `direction`. `extra_l2` is added to lambda_l2.
double cut_gain(const SplitContext& context, const GradientSums* left, double extra_l2,
                int direction);

/// The best split of one leaf on feature `feature` of the matrix, or none that meets the options.
/// `histogram` holds all slots of the leaf. Missing values are tried on both sides; where the leaf
/// has none, later ones follow the child with more rows.
/// Of equal gains the lower bin wins, so that the result does not depend on the order of search.
Split best_split(const SplitContext& context, int feature, const GradientSums* histogram);

/// The categories of a feature sorted by gradient / (hessian + cat_smooth): the best subset under a
/// convex loss is a prefix of that order (Fisher 1958). Those with too few rows are left out.
/// Several outputs: by the one in which the categories differ most.
std::vector<int> sorted_categories(const SplitContext& context, const GradientSums* slots,
                                   int count);

}  // namespace cne::gbdt
