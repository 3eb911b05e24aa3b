#include "gbdt/device_grower.h"

#include <algorithm>

#include "gbdt/constraints.h"

namespace cne::gbdt {

namespace {

constexpr int kMostLeaves = 131072;
constexpr int64_t kSlabBytes = 16 << 20;  // of histograms, got at once

SplitRules rules_of(const GrowOptions& o, GradientUnits units) {
  return {LeafMath(o, units), o.min_child_samples, o.min_sum_hessian, o.min_gain,
          o.max_delta_step == 0 && o.path_smooth == 0};
}

}  // namespace

DeviceGrower::DeviceGrower(const DeviceQueue& queue, const DeviceBins& bins,
                           const GrowOptions& options, uint64_t seed)
    : queue_(queue),
      bins_(bins),
      options_(options),
      choice_(bins.bins(), options, seed),
      same_features_(options.colsample_bylevel == 1 && options.colsample_bynode == 1 &&
                     options.interaction_constraints.empty()),
      in_order_(options.colsample_bynode < 1),
      most_leaves_(options.num_leaves == 0 ? kMostLeaves : options.num_leaves),
      rules_(rules_of(options, {})),
      root_sums_(queue, 1),
      histogram_room_(queue, kDeviceNodes) {
  std::vector<int8_t> directions;
  for (int j = 0; j < bins.bins().width() && !options.monotone_constraints.empty(); ++j)
    directions.push_back(static_cast<int8_t>(options.monotone_constraints[bins.bins().feature(j)]));
  if (!directions.empty())
    directions_.upload(queue, directions.data(), static_cast<int64_t>(directions.size()));
}

const int32_t* DeviceGrower::rows_of(const Node& node) const {
  return node.list == kRoot ? input_.rows : lists_[node.list].data() + node.begin;
}

GradientSums* DeviceGrower::take_histogram() {
  if (free_.empty()) {
    const int64_t slots = bins_.bins().total_slots();
    const int64_t count =
        std::max<int64_t>(2, kSlabBytes / (slots * static_cast<int64_t>(sizeof(GradientSums))));
    memory_.emplace_back(queue_, count * slots);
    for (int64_t i = 0; i < count; ++i) free_.push_back(memory_.back().data() + i * slots);
  }
  GradientSums* out = free_.back();
  free_.pop_back();
  return out;
}

void DeviceGrower::give_back(Node& node) {
  if (node.histogram != nullptr) free_.push_back(node.histogram);
  node.histogram = nullptr;
}

bool DeviceGrower::may_split(const Node& node) const {
  return (options_.max_depth == 0 || node.depth < options_.max_depth) && node.sums.rows >= 2 &&
         node.sums.rows >= 2 * options_.min_child_samples;
}

/// What the search of a node is told; `use` null where it may not be split.
SplitNode DeviceGrower::search_of(const Node& node, const uint8_t* use) const {
  return {{node.sums, node.value, node.bounds},
          use,
          monotone_factor(options_.monotone_penalty, node.depth)};
}

/// The features that a node may be split on. Numbers of nodes are known where they matter.
std::vector<uint8_t> DeviceGrower::features_of(const Node& node) const {
  std::vector<int> path;
  for (int at = node.above; at >= 0; at = nodes_[at].above)
    path.push_back(bins_.bins().feature(nodes_[at].split.feature));
  std::sort(path.begin(), path.end());
  path.erase(std::unique(path.begin(), path.end()), path.end());
  uint64_t number = 0;
  if (node.above >= 0 && in_order_)
    number = 1 + 2 * static_cast<uint64_t>(leaves_.size() - 1) + node.is_left;
  return choice_.of_leaf(node.depth, number, path);
}

/// Where the flags of a node will lie on the device, in the list that is uploaded.
const uint8_t* DeviceGrower::place_use(const Node& node, std::vector<uint8_t>& flags) const {
  if (!may_split(node)) return nullptr;
  if (same_features_) return use_.data();
  const std::vector<uint8_t> own = features_of(node);
  const uint8_t* at = use_.data() + flags.size();
  flags.insert(flags.end(), own.begin(), own.end());
  return at;
}

void DeviceGrower::begin(const DeviceTreeInput& input) {
  input_ = input;
  rules_ = rules_of(options_, input.units);
  choice_.begin(*input.use, input.number);
  for (Node& node : nodes_) give_back(node);
  nodes_.assign(1, {});
  leaves_.assign(1, 0);
  for (auto& list : lists_) list.reserve(queue_, input.count);
  const auto width = static_cast<int64_t>(input.use->size());
  use_.reserve(queue_, 2 * kDeviceNodes * width);
  if (same_features_) queue_.upload(input.use->data(), input.use->size(), use_.data());
  sum_gradients(queue_, input.gradients, input.rows, input.count, root_sums_.data());
  Node& root = nodes_[0];
  queue_.download(root_sums_.data(), sizeof root.sums, &root.sums);
  root.list = kRoot;
  root.value = rules_.math.value(root.sums);
}

void DeviceGrower::search_root() {
  Node& root = nodes_[0];
  root.histogram = take_histogram();
  HistogramTask task{input_.rows, input_.count, 0, 0, root.histogram};
  sum_histograms(queue_, bins_, input_.gradients, &task, 1, histogram_room_.data());
  std::vector<uint8_t> flags;
  const SplitTask search{root.histogram, nullptr, {search_of(root, place_use(root, flags)), {}}};
  queue_.upload(flags.data(), flags.size(), use_.data());
  FoundSplit found[2];
  find_splits(queue_, bins_, rules_, directions_.data(), &search, 1, split_room_, found);
  root.split = found[0];
}

/// The leaves to cut now, of which the first one is next in turn: the better ones that are left may
/// well get theirs. `left` splits are left.
std::vector<int> DeviceGrower::choose(const Queue& queue, int left) const {
  const bool by_depth = options_.policy == GrowPolicy::kDepthwise;
  const int turn = in_order_ ? 1 : by_depth ? left : std::max(1, left / 2);
  const int depth = std::get<0>(*queue.begin());
  std::vector<int> out;
  int seen = 0;
  for (auto at = queue.begin(); at != queue.end() && seen < turn; ++at, ++seen) {
    const int number = std::get<3>(*at);
    if (by_depth && std::get<0>(*at) != depth) break;
    if (nodes_[number].child < 0) out.push_back(number);
    if (out.size() == kDeviceNodes) break;
  }
  return out;
}

void DeviceGrower::add_children(int number) {
  const Node parent = nodes_[number];
  Node children[2];
  children[0].sums = parent.split.left;
  children[1].sums = parent.sums - parent.split.left;
  for (Node& child : children) {
    child.list = parent.list == 0 ? 1 : 0;
    child.depth = parent.depth + 1;
    child.above = number;
    child.value = rules_.math.child_value(child.sums, parent.value, parent.bounds);
  }
  children[0].is_left = true;
  children[0].begin = parent.begin;
  children[1].begin = parent.begin + children[0].sums.rows;
  const std::vector<int>& directions = options_.monotone_constraints;
  const int direction =
      directions.empty() ? 0 : directions[bins_.bins().feature(parent.split.feature)];
  std::tie(children[0].bounds, children[1].bounds) =
      child_bounds(parent.bounds, direction, children[0].value, children[1].value);
  nodes_[number].child = static_cast<int>(nodes_.size());
  nodes_.insert(nodes_.end(), children, children + 2);
}

/// Parts the rows of leaves by their splits and, if asked, searches the children for theirs.
void DeviceGrower::cut(const std::vector<int>& numbers, bool search) {
  std::vector<PartitionTask> parts;
  for (const int number : numbers) {
    add_children(number);
    const Node& node = nodes_[number];
    const FoundSplit& split = node.split;
    PartitionTask task{};
    task.from = rows_of(node);
    task.to = lists_[nodes_[node.child].list].data() + node.begin;
    task.count = node.sums.rows;
    task.lefts = split.left.rows;
    task.column = bins_.column(split.feature);
    const int missing = bins_.bins().bins(split.feature).missing_bin();
    for (int b = 0; b <= missing; ++b)
      if (b == missing ? split.missing_left != 0 : b <= split.bin)
        task.left_bins[b / 64] |= uint64_t{1} << (b % 64);
    parts.push_back(task);
  }
  partition_rows(queue_, parts.data(), static_cast<int>(parts.size()), partition_room_);
  if (search) this->search(numbers);
  for (const int number : numbers) give_back(nodes_[number]);
}

void DeviceGrower::search(const std::vector<int>& cut) {
  std::vector<HistogramTask> sums;
  std::vector<SplitTask> tasks;
  std::vector<int> searched;  // node of the smaller child, then of the larger one
  std::vector<uint8_t> flags;
  for (const int number : cut) {
    Node& parent = nodes_[number];
    const int left = parent.child;
    const bool left_is_small = nodes_[left].sums.rows <= nodes_[left + 1].sums.rows;
    Node& small = nodes_[left_is_small ? left : left + 1];
    Node& large = nodes_[left_is_small ? left + 1 : left];
    if (!may_split(small) && !may_split(large)) continue;
    small.histogram = take_histogram();
    std::swap(large.histogram, parent.histogram);
    sums.push_back({rows_of(small), small.sums.rows, 0, 0, small.histogram});
    SplitTask task{small.histogram, large.histogram, {}};
    task.nodes[0] = search_of(small, place_use(small, flags));
    task.nodes[1] = search_of(large, place_use(large, flags));
    tasks.push_back(task);
    searched.push_back(left_is_small ? left : left + 1);
    searched.push_back(left_is_small ? left + 1 : left);
  }
  if (tasks.empty()) return;
  const auto count = static_cast<int>(tasks.size());
  queue_.upload(flags.data(), flags.size(), use_.data());
  sum_histograms(queue_, bins_, input_.gradients, sums.data(), count, histogram_room_.data());
  std::vector<FoundSplit> found(searched.size());
  find_splits(queue_, bins_, rules_, directions_.data(), tasks.data(), count, split_room_,
              found.data());
  for (size_t i = 0; i < searched.size(); ++i) {
    Node& node = nodes_[searched[i]];
    node.split = found[i];
    if (node.split.feature < 0) give_back(node);
  }
}

/// Makes a cut part of the tree: the left child takes the leaf's number, the right one the next.
int DeviceGrower::add_node(Tree& tree, Node& node, int leaf) {
  TreeNode out;
  out.feature = bins_.bins().feature(node.split.feature);
  out.threshold = bins_.bins().bins(node.split.feature).bounds[node.split.bin];
  out.missing_left = out.unknown_left = node.split.missing_left != 0;
  out.gain = node.split.gain;
  out.value = node.value * input_.learning_rate;
  out.weight = rules_.math.hessian(node.sums);
  out.rows = node.sums.rows;
  out.left = ~leaf;
  out.right = ~static_cast<int>(leaves_.size());
  node.number = static_cast<int>(tree.nodes.size());
  if (node.above >= 0) {
    TreeNode& above = tree.nodes[nodes_[node.above].number];
    (node.is_left ? above.left : above.right) = node.number;
  }
  tree.nodes.push_back(out);
  leaves_[leaf] = node.child;
  leaves_.push_back(node.child + 1);
  return static_cast<int>(leaves_.size()) - 1;
}

void DeviceGrower::finish(Tree& tree) const {
  for (const int number : leaves_) {
    const Node& leaf = nodes_[number];
    tree.leaf_values.push_back(leaf.value * input_.learning_rate);
    tree.leaf_weights.push_back(rules_.math.hessian(leaf.sums));
    tree.leaf_rows.push_back(leaf.sums.rows);
  }
}

Tree DeviceGrower::grow(const DeviceTreeInput& input) {
  begin(input);
  Tree tree;
  Queue queue;
  const bool by_depth = options_.policy == GrowPolicy::kDepthwise;
  const auto offer = [&](int leaf) {
    const Node& node = nodes_[leaves_[leaf]];
    if (node.split.feature >= 0)
      queue.insert({by_depth ? -node.depth : 0, node.split.gain, -leaf, leaves_[leaf]});
  };
  if (may_split(nodes_[0]) && bins_.bins().width() > 0) {
    search_root();
    offer(0);
  }
  while (!queue.empty() && static_cast<int>(leaves_.size()) < most_leaves_) {
    const auto [level, gain, negative, number] = *queue.begin();
    const int left = most_leaves_ - static_cast<int>(leaves_.size());
    if (nodes_[number].child < 0) cut(choose(queue, left), left > 1);
    queue.erase(queue.begin());
    const int last = add_node(tree, nodes_[number], -negative);
    offer(-negative);
    offer(last);
  }
  finish(tree);
  return tree;
}

void DeviceGrower::add_to_scores(const Tree& tree, double* scores) {
  std::vector<LeafRows> leaves;
  int64_t blocks = 0;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const Node& leaf = nodes_[leaves_[i]];
    if (leaf.sums.rows == 0) continue;
    leaves.push_back({rows_of(leaf), leaf.sums.rows, blocks, tree.leaf_values[i]});
    blocks += score_blocks(leaf.sums.rows);
  }
  leaf_room_.upload(queue_, leaves.data(), static_cast<int64_t>(leaves.size()));
  cne::run(queue_, AddLeaves{leaf_room_.data(), static_cast<int>(leaves.size()), scores},
           {blocks, 1});
}

}  // namespace cne::gbdt
