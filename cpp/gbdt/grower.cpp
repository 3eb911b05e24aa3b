#include "gbdt/grower.h"

#include <algorithm>
#include <queue>
#include <span>
#include <tuple>

#include "core/parallel.h"
#include "gbdt/constraints.h"

namespace cne::gbdt {

namespace {

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

GrowOptions with_defaults(GrowOptions options) {
  constexpr int kMostLeaves = 131072;
  constexpr int kSymmetricDepth = 6;
  if (options.num_leaves == 0) options.num_leaves = kMostLeaves;
  if (options.policy == GrowPolicy::kSymmetric && options.max_depth == 0)
    options.max_depth = kSymmetricDepth;
  return options;
}

bool any_monotone(const GrowOptions& options) {
  const std::vector<int>& directions = options.monotone_constraints;
  return std::any_of(directions.begin(), directions.end(), [](int d) { return d != 0; });
}

double mean_hessian(const std::vector<LeafMath>& math, const Leaf& leaf) {
  double sum = 0;
  for (size_t k = 0; k < math.size(); ++k) sum += math[k].hessian(leaf.sums[k]);
  return sum / static_cast<double>(math.size());
}

}  // namespace

Grower::Grower(const BinMatrix& bins, GrowOptions options, uint64_t seed, const Shard& shard)
    : bins_(bins),
      options_(with_defaults(std::move(options))),
      shard_(shard),
      finder_(bins, options_, seed) {
  if (options_.monotone_method == MonotoneMethod::kIntermediate && any_monotone(options_))
    order_ = std::make_unique<MonotoneLeaves>(bins);
}

Grower::~Grower() = default;

std::unique_ptr<LeafHistogram> Grower::take_histogram() {
  const size_t size = static_cast<size_t>(bins_.total_slots()) * sources_.size();
  if (free_.empty()) return std::make_unique<LeafHistogram>(size);
  std::unique_ptr<LeafHistogram> out = std::move(free_.back());
  free_.pop_back();
  out->resize(size);
  return out;
}

void Grower::give_back(std::unique_ptr<LeafHistogram> histogram) {
  if (histogram) free_.push_back(std::move(histogram));
}

/// Fills the histogram of a leaf from its rows.
void Grower::build(Leaf& leaf) {
  leaf.histogram = take_histogram();
  const bool all = leaf.count == bins_.rows();
  for (size_t k = 0; k < sources_.size(); ++k)
    build_histogram(sources_[k], {all ? nullptr : rows_.data() + leaf.begin, leaf.count},
                    leaf.histogram->data() + k * static_cast<size_t>(bins_.total_slots()));
  add_up(shard_, leaf.histogram->data(), leaf.histogram->size());
}

/// The features that rows of a leaf have been split on, each once.
std::vector<int> Grower::path_of(const Tree& tree, const Leaf& leaf) const {
  std::vector<int> out;
  for (int at = leaf.parent; at >= 0; at = node_parents_[at]) out.push_back(tree.nodes[at].feature);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void Grower::evaluate(const Tree& tree, Leaf& small, Leaf& large,
                      std::unique_ptr<LeafHistogram> parent) {
  if (!finder_.may_split(small) && !finder_.may_split(large)) {
    give_back(std::move(parent));
    return;
  }
  build(small);
  large.histogram = std::move(parent);
  finder_.find({&small, &large}, large.histogram->data(), path_of(tree, small));
  for (Leaf* leaf : {&small, &large})
    if (!leaf->split.found()) give_back(std::move(leaf->histogram));
}

int Grower::add_node(Tree& tree, const Leaf& leaf, double gain) {
  const Split& split = leaf.split;
  TreeNode node;
  node.feature = bins_.feature(split.feature);
  node.missing_left = split.missing_left;
  node.unknown_left = split.missing_left;
  node.value = leaf.values[0] * learning_rate_;
  node.weight = mean_hessian(finder_.math(), leaf);
  node.gain = gain;
  node.rows = leaf.rows();
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
  node_parents_.push_back(leaf.parent);
  tree.nodes.push_back(node);
  return number;
}

/// The values and bounds of two children. A cut that does not count, in a symmetric tree, leaves
/// both with the value of their parent.
void Grower::set_values(const SplitContext& parent, bool counts, Leaf& left, Leaf& right) const {
  for (Leaf* leaf : {&left, &right}) {
    leaf->values.assign(parent.value, parent.value + parent.outputs);
    for (int k = 0; counts && k < parent.outputs; ++k)
      leaf->values[k] = parent.math[k].child_value(leaf->sums[k], parent.value[k], parent.bounds);
  }
}

/// Cuts a leaf by its split: the left child takes its number, the right one the next free number.
/// Returns the histogram of the parent.
std::unique_ptr<LeafHistogram> Grower::cut(Tree& tree, int number) {
  Leaf parent = std::move(leaves_[number]);
  const Split& split = parent.split;
  const SplitContext context = finder_.context_of(parent);
  Leaf left;
  Leaf right;
  const bool by_level = options_.policy == GrowPolicy::kSymmetric;
  if (by_level || context.outputs > 1)
    left.sums = sums_left(bins_, *parent.histogram, split, context.outputs);
  else
    left.sums = {split.left};
  for (int k = 0; k < context.outputs; ++k) right.sums.push_back(parent.sums[k] - left.sums[k]);
  const int direction = direction_of(context, split.feature);
  const bool counts = !by_level || may_cut(context, left.sums.data());
  const double gain =
      by_level ? (counts ? cut_gain(context, left.sums.data(), 0, direction) / 2 : 0) : split.gain;
  const int node = add_node(tree, parent, gain);
  const SideOfBin sides = sides_of(split, bins_.bins(split.feature));
  if (order_) order_->cut(number, split.feature, direction, sides);
  left.begin = parent.begin;
  left.count = partition(bins_.column(split.feature), sides, rows_.data() + parent.begin,
                         parent.count, scratch_);
  right.begin = parent.begin + left.count;
  right.count = parent.count - left.count;
  left.depth = right.depth = parent.depth + 1;
  left.parent = right.parent = node;
  left.is_left = true;
  set_values(context, counts, left, right);
  if (order_)
    left.bounds = right.bounds = parent.bounds;
  else
    std::tie(left.bounds, right.bounds) =
        child_bounds(parent.bounds, direction, left.values[0], right.values[0]);
  tree.nodes[node].left = ~number;
  tree.nodes[node].right = ~static_cast<int>(leaves_.size());
  leaves_[number] = std::move(left);
  leaves_.push_back(std::move(right));
  return std::move(parent.histogram);
}

/// Best leaf first; with kDepthwise, best leaf of the highest level first.
void Grower::grow_by_gain(Tree& tree) {
  const bool by_depth = options_.policy == GrowPolicy::kDepthwise;
  using Entry = std::tuple<int, double, int>;  // the largest first: -depth, gain, -number
  std::priority_queue<Entry> queue;
  const auto offer = [&](int number) {
    const Leaf& leaf = leaves_[number];
    if (leaf.split.found()) queue.push({by_depth ? -leaf.depth : 0, leaf.split.gain, -number});
  };
  if (finder_.may_split(leaves_[0]) && bins_.width() > 0) {
    build(leaves_[0]);
    finder_.find({leaves_.data()}, nullptr, {});
    offer(0);
  }
  while (!queue.empty() && static_cast<int>(leaves_.size()) < options_.num_leaves) {
    const auto [above, gain, negative] = queue.top();
    const int number = -negative;
    queue.pop();
    // Searched again since.
    if (order_ && (!leaves_[number].split.found() || leaves_[number].split.gain != gain)) continue;
    std::unique_ptr<LeafHistogram> parent = cut(tree, number);
    if (static_cast<int>(leaves_.size()) == options_.num_leaves) {
      give_back(std::move(parent));
      break;
    }
    const int last = static_cast<int>(leaves_.size()) - 1;
    const std::vector<int> stale = order_ ? update_bounds(number, last) : std::vector<int>();
    find_again(tree, stale);
    for (const int other : stale) offer(other);
    const bool left_is_small = leaves_[number].rows() <= leaves_[last].rows();
    evaluate(tree, leaves_[left_is_small ? number : last], leaves_[left_is_small ? last : number],
             std::move(parent));
    offer(number);
    offer(last);
  }
}

void Grower::begin(const TreeInput& input) {
  learning_rate_ = input.learning_rate;
  std::vector<LeafMath> math;
  sources_.clear();
  leaves_.clear();
  leaves_.emplace_back();
  Leaf& root = leaves_[0];
  for (int k = 0; k < input.outputs; ++k) {
    math.emplace_back(options_, input.units[k]);
    const std::span own = std::span(input.gradients[k]).subspan(shard_.begin, shard_.rows);
    sources_.push_back({bins_, own.data(), input.bits});
    root.sums.push_back(sum_gradients(input.gradients[k].data(), input.rows));
    root.values.push_back(math.back().value(root.sums.back()));
  }
  SplitNoise noise;
  if (options_.random_strength > 0) {
    double squares = 0;
    double hessians = 0;
    for (int k = 0; k < input.outputs; ++k) {
      squares += sum_of_squares(input.gradients[k].data(), input.units[k], input.rows);
      hessians += math[k].hessian(root.sums[k]);
    }
    noise = split_noise(options_.random_strength, squares, hessians, std::ssize(input.rows),
                        learning_rate_ * input.round);
  }
  finder_.begin(std::move(math), input.use, input.number, noise);
  const auto first = std::lower_bound(input.rows.begin(), input.rows.end(), shard_.begin);
  const auto last = std::lower_bound(first, input.rows.end(), shard_.begin + shard_.rows);
  rows_.assign(first, last);
  for (int32_t& row : rows_) row -= static_cast<int32_t>(shard_.begin);
  root.count = std::ssize(rows_);
  node_parents_.clear();
  if (order_) order_->begin();
}

/// Leaf values from the exact gradients of their rows. A smoothed value hangs on those above it,
/// and is left as it is.
void Grower::renew(const TreeInput& input) {
  if (input.exact == nullptr || options_.path_smooth > 0) return;
  const auto outputs = static_cast<size_t>(input.outputs);
  std::vector<GradientSums> sums(leaves_.size() * outputs);
  parallel_tasks(static_cast<int64_t>(leaves_.size()), [&](int64_t number, int) {
    const Leaf& leaf = leaves_[number];
    for (size_t k = 0; k < outputs; ++k) {
      const Gradient* exact = input.exact[k].data() + shard_.begin;
      GradientSums& sum = sums[number * outputs + k];
      sum.rows = leaf.count;
      for (int64_t i = leaf.begin; i < leaf.begin + leaf.count; ++i) {
        sum.gradient += exact[rows_[i]].gradient;
        sum.hessian += exact[rows_[i]].hessian;
      }
    }
  });
  add_up(shard_, sums.data(), sums.size());
  // One after the other: bounds by neighbours are the values that they have by then.
  for (size_t number = 0; number < leaves_.size(); ++number) {
    Leaf& leaf = leaves_[number];
    if (order_) leaf.bounds = bounds_by_neighbours(static_cast<int>(number));
    for (size_t k = 0; k < outputs; ++k)
      leaf.values[k] = leaf.bounds.clamp(
          LeafMath(options_, input.exact_units[k]).value(sums[number * outputs + k]));
  }
}

void Grower::finish(Tree& tree) {
  tree.width = static_cast<int32_t>(sources_.size());
  for (Leaf& leaf : leaves_) {
    give_back(std::move(leaf.histogram));
    for (const double value : leaf.values) tree.leaf_values.push_back(value * learning_rate_);
    tree.leaf_weights.push_back(mean_hessian(finder_.math(), leaf));
    tree.leaf_rows.push_back(leaf.rows());
  }
}

Tree Grower::grow(const TreeInput& input) {
  begin(input);
  Tree tree;
  if (options_.policy == GrowPolicy::kSymmetric)
    grow_by_level(tree);
  else
    grow_by_gain(tree);
  renew(input);
  finish(tree);
  return tree;
}

void Grower::add_to_scores(const Tree& tree, double* scores) const {
  parallel_tasks(static_cast<int64_t>(leaves_.size()), [&](int64_t number, int) {
    const RowSet rows = rows_of_leaf(static_cast<int>(number));
    for (int k = 0; k < tree.width; ++k) {
      const double value = tree.leaf_values[number * tree.width + k];
      double* out = scores + (tree.output + k) * bins_.rows();
      for (int64_t i = 0; i < rows.count; ++i) out[rows.index[i]] += value;
    }
  });
}

RowSet Grower::rows_of_leaf(int number) const {
  return {rows_.data() + leaves_[number].begin, leaves_[number].count};
}

}  // namespace cne::gbdt
