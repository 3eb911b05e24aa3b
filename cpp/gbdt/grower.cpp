#include "gbdt/grower.h"

#include <algorithm>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int kFeatureGroup = 4;   // features a split search task covers
constexpr int kSerialSlots = 512;  // histograms so small that one thread searches them faster

GradientSums sum_gradients(const Gradient* gradients, const std::vector<int32_t>& rows) {
  constexpr int64_t kGrain = 65536;
  const auto n = static_cast<int64_t>(rows.size());
  std::vector<GradientSums> parts(static_cast<size_t>((n + kGrain - 1) / kGrain));
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    GradientSums part;
    for (int64_t i = begin; i < end; ++i) {
      part.gradient += gradients[rows[i]].gradient;
      part.hessian += gradients[rows[i]].hessian;
    }
    part.rows = end - begin;
    parts[begin / kGrain] = part;
  });
  GradientSums total;
  for (const GradientSums& part : parts) total += part;
  return total;
}

}  // namespace

struct Grower::Leaf {
  int64_t begin = 0;  // its rows are rows_[begin, begin + sums.rows)
  GradientSums sums;
  int depth = 0;
  int parent = -1;  // node above, and which child of it this is
  bool is_left = false;
  Split split;
  std::unique_ptr<Sums> histogram;
};

Grower::Grower(const BinMatrix& bins, const GrowOptions& options, Device device)
    : bins_(bins), options_(options), device_(device), source_{bins, rows_on(device, bins), {}} {}

Grower::~Grower() = default;

std::unique_ptr<Grower::Sums> Grower::take_histogram() {
  if (free_.empty()) return std::make_unique<Sums>(static_cast<size_t>(bins_.total_slots()));
  std::unique_ptr<Sums> out = std::move(free_.back());
  free_.pop_back();
  return out;
}

void Grower::give_back(std::unique_ptr<Sums> histogram) {
  if (histogram) free_.push_back(std::move(histogram));
}

bool Grower::may_split(const Leaf& leaf) const {
  return (options_.max_depth == 0 || leaf.depth < options_.max_depth) && leaf.sums.rows >= 2 &&
         leaf.sums.rows >= 2 * options_.min_child_samples;
}

/// Searches the histograms of one or two leaves. With `parent`, the second leaf's histogram is
/// first made as the parent's less the first one's, in the same pass over memory.
void Grower::find_splits(const std::vector<Leaf*>& leaves, const GradientSums* parent,
                         const LeafMath& math) {
  const int groups = (bins_.width() + kFeatureGroup - 1) / kFeatureGroup;
  std::vector<std::array<Split, 2>> found(static_cast<size_t>(groups));
  const auto task = [&](int64_t group, int) {
    const int first = static_cast<int>(group) * kFeatureGroup;
    const int last = std::min(first + kFeatureGroup, bins_.width());
    if (parent != nullptr) {
      const GradientSums* small = leaves[0]->histogram->data();
      GradientSums* large = leaves[1]->histogram->data();
      for (int s = bins_.slot(first); s < bins_.slot(last); ++s) large[s] = parent[s] - small[s];
    }
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (!may_split(*leaves[i])) continue;
      for (int j = first; j < last; ++j) {
        if (!use_[j]) continue;
        Split split =
            best_split(bins_, j, leaves[i]->histogram->data(), leaves[i]->sums, options_, math);
        if (split.gain > found[group][i].gain) found[group][i] = split;
      }
    }
  };
  if (bins_.total_slots() < kSerialSlots) {
    for (int64_t group = 0; group < groups; ++group) task(group, 0);
  } else {
    parallel_tasks(groups, task);
  }
  for (const auto& pair : found)
    for (size_t i = 0; i < leaves.size(); ++i)
      if (pair[i].gain > leaves[i]->split.gain) leaves[i]->split = pair[i];
}

void Grower::evaluate(Leaf& small, Leaf& large, std::unique_ptr<Sums> parent,
                      const LeafMath& math) {
  if (!may_split(small) && !may_split(large)) {
    give_back(std::move(parent));
    return;
  }
  small.histogram = take_histogram();
  build_histogram(source_, {rows_.data() + small.begin, small.sums.rows}, small.histogram->data());
  large.histogram = std::move(parent);
  find_splits({&small, &large}, large.histogram->data(), math);
  for (Leaf* leaf : {&small, &large})
    if (!leaf->split.found()) give_back(std::move(leaf->histogram));
}

int Grower::add_node(Tree& tree, const Leaf& leaf, const LeafMath& math) const {
  const Split& split = leaf.split;
  TreeNode node;
  node.feature = bins_.feature(split.feature);
  node.missing_left = split.missing_left;
  node.unknown_left = split.missing_left;
  node.value = math.value(leaf.sums) * learning_rate_;
  node.weight = math.hessian(leaf.sums);
  node.gain = split.gain;
  node.rows = leaf.sums.rows;
  if (split.categorical) {
    node.category_set = static_cast<int>(tree.category_sets.size());
    tree.category_sets.emplace_back(split.left_bins.begin(), split.left_bins.end());
  } else {
    node.threshold = bins_.bins(split.feature).bounds[split.bin];
  }
  const int number = static_cast<int>(tree.nodes.size());
  if (leaf.parent >= 0) {
    TreeNode& above = tree.nodes[leaf.parent];
    (leaf.is_left ? above.left : above.right) = number;
  }
  tree.nodes.push_back(node);
  return number;
}

void Grower::split_leaf(Tree& tree, int number, const LeafMath& math, bool last) {
  const Split split = leaves_[number].split;
  const int node = add_node(tree, leaves_[number], math);
  Leaf& left = leaves_[number];
  std::unique_ptr<Sums> parent = std::move(left.histogram);
  Leaf right;
  partition(bins_.column(split.feature), sides_of(split, bins_.bins(split.feature)),
            rows_.data() + left.begin, left.sums.rows, scratch_);
  right.begin = left.begin + split.left.rows;
  right.sums = left.sums - split.left;
  left.sums = split.left;
  left.split = {};
  left.depth = right.depth = left.depth + 1;
  left.parent = right.parent = node;
  left.is_left = true;
  tree.nodes[node].left = ~number;
  tree.nodes[node].right = ~static_cast<int>(leaves_.size());
  leaves_.push_back(std::move(right));
  Leaf& one = leaves_[number];
  Leaf& two = leaves_.back();
  if (last) {
    give_back(std::move(parent));
  } else if (one.sums.rows <= two.sums.rows) {
    evaluate(one, two, std::move(parent), math);
  } else {
    evaluate(two, one, std::move(parent), math);
  }
}

Tree Grower::grow(const std::vector<Gradient>& gradients, GradientUnits units,
                  const std::vector<int32_t>& rows, const std::vector<uint8_t>& use,
                  double learning_rate) {
  const LeafMath math(options_, units);
  Tree tree;
  source_.gradients = gradients_on(device_, gradients);
  use_ = use;
  learning_rate_ = learning_rate;
  rows_ = rows;
  leaves_.clear();
  leaves_.emplace_back();
  leaves_[0].sums = sum_gradients(gradients.data(), rows_);
  if (may_split(leaves_[0]) && bins_.width() > 0) {
    leaves_[0].histogram = take_histogram();
    const bool all = static_cast<int64_t>(rows.size()) == bins_.rows();
    build_histogram(source_, {all ? nullptr : rows_.data(), leaves_[0].sums.rows},
                    leaves_[0].histogram->data());
    find_splits({&leaves_[0]}, nullptr, math);
  }
  while (static_cast<int>(leaves_.size()) < options_.num_leaves) {
    const auto best =
        std::max_element(leaves_.begin(), leaves_.end(),
                         [](const Leaf& a, const Leaf& b) { return a.split.gain < b.split.gain; });
    if (!best->split.found()) break;
    split_leaf(tree, static_cast<int>(best - leaves_.begin()), math,
               static_cast<int>(leaves_.size()) + 1 == options_.num_leaves);
  }
  for (Leaf& leaf : leaves_) {
    give_back(std::move(leaf.histogram));
    tree.leaf_values.push_back(math.value(leaf.sums) * learning_rate);
    tree.leaf_weights.push_back(math.hessian(leaf.sums));
    tree.leaf_rows.push_back(leaf.sums.rows);
  }
  return tree;
}

void Grower::add_to_scores(const Tree& tree, double* scores) const {
  parallel_tasks(static_cast<int64_t>(leaves_.size()), [&](int64_t number, int) {
    const Leaf& leaf = leaves_[number];
    const double value = tree.leaf_values[number];
    for (int64_t i = leaf.begin; i < leaf.begin + leaf.sums.rows; ++i) scores[rows_[i]] += value;
  });
}

RowSet Grower::rows_of_leaf(int number) const {
  return {rows_.data() + leaves_[number].begin, leaves_[number].sums.rows};
}

}  // namespace cne::gbdt
