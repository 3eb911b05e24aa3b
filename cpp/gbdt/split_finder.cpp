#include "gbdt/split_finder.h"

#include <algorithm>
#include <array>

#include "core/parallel.h"
#include "gbdt/level_split.h"
#include "gbdt/partition.h"
#include "gbdt/random_unit.h"

namespace cne::gbdt {

namespace {

constexpr int kFeatureGroup = 4;   // features a split search task covers
constexpr int kSerialSlots = 512;  // histograms so small that one thread searches them faster

}  // namespace

std::vector<GradientSums> sums_left(const BinMatrix& bins, const LeafHistogram& histogram,
                                    const Split& split, int outputs) {
  const SideOfBin sides = sides_of(split, bins.bins(split.feature));
  std::vector<GradientSums> out(static_cast<size_t>(outputs));
  for (int k = 0; k < outputs; ++k) {
    const GradientSums* slots =
        histogram.data() + static_cast<int64_t>(k) * bins.total_slots() + bins.slot(split.feature);
    for (int b = 0; b <= bins.bins(split.feature).count(); ++b)
      if (sides[b]) out[k] += slots[b];
  }
  return out;
}

SplitFinder::SplitFinder(const BinMatrix& bins, const GrowOptions& options, uint64_t seed)
    : bins_(bins), options_(options), seed_(seed), choice_(bins, options, seed) {}

void SplitFinder::begin(std::vector<LeafMath> math, const std::vector<uint8_t>& use, uint64_t tree,
                        const SplitNoise& noise) {
  noise_ = noise;
  math_ = std::move(math);
  tree_ = tree;
  choice_.begin(use, tree);
}

bool SplitFinder::may_split(const Leaf& leaf) const {
  return (options_.max_depth == 0 || leaf.depth < options_.max_depth) && leaf.rows() >= 2 &&
         leaf.rows() >= 2 * options_.min_child_samples;
}

SplitContext SplitFinder::context_of(const Leaf& leaf) const {
  return {bins_,
          options_,
          math_.data(),
          leaf.sums.data(),
          leaf.values.data(),
          outputs(),
          leaf.bounds,
          leaf.depth,
          random_key(seed_, Draw::kThresholds, tree_, leaf.number())};
}

void SplitFinder::find(const std::vector<Leaf*>& leaves, const GradientSums* parent,
                       const std::vector<int>& path) const {
  const int groups = (bins_.width() + kFeatureGroup - 1) / kFeatureGroup;
  std::vector<std::array<RankedSplit, 2>> found(static_cast<size_t>(groups));
  std::vector<std::vector<uint8_t>> use;
  std::vector<SplitContext> contexts;
  for (const Leaf* leaf : leaves) {
    use.push_back(choice_.of_leaf(leaf->depth, leaf->number(), path));
    contexts.push_back(context_of(*leaf));
  }
  const auto task = [&](int64_t group, int) {
    const int first = static_cast<int>(group) * kFeatureGroup;
    const int last = std::min(first + kFeatureGroup, bins_.width());
    for (int k = 0; parent != nullptr && k < outputs(); ++k) {
      const int64_t at = static_cast<int64_t>(k) * bins_.total_slots();
      const GradientSums* small = leaves[0]->histogram->data() + at;
      GradientSums* large = leaves[1]->histogram->data() + at;
      for (int s = bins_.slot(first); s < bins_.slot(last); ++s)
        large[s] = parent[at + s] - small[s];
    }
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (!may_split(*leaves[i])) continue;
      for (int j = first; j < last; ++j) {
        if (!use[i][j]) continue;
        const Split split = best_split(contexts[i], j, leaves[i]->histogram->data());
        found[group][i].offer(split, rank_of(split, *leaves[i]));
      }
    }
  };
  if (bins_.total_slots() < kSerialSlots) {
    for (int64_t group = 0; group < groups; ++group) task(group, 0);
  } else {
    parallel_tasks(groups, task);
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    RankedSplit best;
    for (const auto& pair : found) best.offer(pair[i].split, pair[i].rank);
    if (best.split.gain > leaves[i]->split.gain) leaves[i]->split = best.split;
  }
}

double SplitFinder::rank_of(const Split& split, const Leaf& leaf) const {
  if (!(noise_.deviation > 0) || !split.found()) return split.gain;
  double score = 0;
  for (int k = 0; k < outputs(); ++k) score += math_[k].score(leaf.sums[k]);
  return noise_.rank(score, 2 * split.gain,
                     random_key(seed_, Draw::kSplitNoise, tree_, leaf.number()),
                     static_cast<uint64_t>(split.feature));
}

bool SplitFinder::find_for_level(std::vector<Leaf>& leaves, const std::vector<int>& path) const {
  const uint64_t level = leaves[0].number();
  const std::vector<uint8_t> use = choice_.of_leaf(leaves[0].depth, level, path);
  std::vector<LevelLeaf> views;
  for (Leaf& leaf : leaves) {
    views.push_back({context_of(leaf), leaf.histogram->data()});
    views.back().context.random = random_key(seed_, Draw::kThresholds, tree_, level);
  }
  std::vector<RankedSplit> found(static_cast<size_t>(bins_.width()));
  const uint64_t key = random_key(seed_, Draw::kSplitNoise, tree_, level);
  parallel_tasks(bins_.width(), [&](int64_t j, int) {
    if (use[j]) found[j] = best_level_split(views, static_cast<int>(j), noise_, key);
  });
  RankedSplit best;
  for (const RankedSplit& each : found) best.offer(each.split, each.rank);
  for (Leaf& leaf : leaves) leaf.split = best.split;
  return best.split.found();
}

}  // namespace cne::gbdt
