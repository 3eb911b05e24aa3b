// How a model's trees are laid out for prediction.

#include <algorithm>
#include <cstring>

#include "gbdt/predict.h"

namespace cne::gbdt {

namespace {

constexpr int kMostLeaves = 255;  // region 255 is what fills lanes
constexpr int kMostLevels = 7;

bool same_split(const Tree& tree, const TreeNode& a, const TreeNode& b) {
  if (a.feature != b.feature || a.missing_left != b.missing_left) return false;
  if ((a.category_set < 0) != (b.category_set < 0)) return false;
  if (a.category_set < 0) return a.threshold == b.threshold;
  return a.unknown_left == b.unknown_left &&
         (a.category_set == b.category_set ||
          tree.category_sets[a.category_set] == tree.category_sets[b.category_set]);
}

/// The nodes of each level of a symmetric tree, the leaves last; empty when it is none.
std::vector<std::vector<int>> levels_of(const Tree& tree) {
  std::vector<std::vector<int>> out{{tree.nodes.empty() ? ~0 : 0}};
  while (out.back()[0] >= 0) {
    if (out.size() > kMostLevels) return {};
    std::vector<int> below;
    for (const int node : out.back()) {
      if (node < 0 || !same_split(tree, tree.nodes[node], tree.nodes[out.back()[0]])) return {};
      below.push_back(tree.nodes[node].left);
    }
    for (const int node : out.back()) below.push_back(tree.nodes[node].right);
    out.push_back(std::move(below));
  }
  const auto is_leaf = [](int node) { return node < 0; };
  return std::all_of(out.back().begin(), out.back().end(), is_leaf)
             ? out
             : std::vector<std::vector<int>>{};
}

}  // namespace

Forest::Forest(const Model& model, const std::vector<DerivedLookup>& lookups)
    : model_(&model), lookups_(&lookups), columns_(model, lookups), wide_(has_wide()) {
  symmetric_ = std::all_of(model.trees.begin(), model.trees.end(),
                           [&](const Tree& tree) { return may_be_levels(tree); });
  for (const Tree& tree : model.trees) {
    Plan& plan = plans_.emplace_back(Plan{&tree});
    plan.output = tree.output;
    plan.width = tree.width;
    plan.linear = !tree.linear.empty();
    if (symmetric_)
      add_levels(plan);
    else if (tree.leaves() <= kMostLeaves)
      add_regions(plan);
    block_numbers_ |= plan.way == Way::kWalk || plan.linear;
    row_numbers_ |= plan.linear;
  }
  add_lanes();
  for (Plan& plan : plans_) {
    if (plan.way != Way::kWalk && plan.lane >= 0) continue;
    plan.walk = walks_.count();
    walks_.add(*plan.tree);
    row_numbers_ = true;
  }
}

/// Symmetric, and each split a single cut.
bool Forest::may_be_levels(const Tree& tree) const {
  return !levels_of(tree).empty() &&
         std::all_of(tree.nodes.begin(), tree.nodes.end(), [&](const TreeNode& node) {
           return node.category_set < 0 || columns_.pairs(node.feature).count == 1;
         });
}

/// A categorical split of many categories is several cuts to the same region.
void Forest::add_cut(Plan& plan, const TreeNode& node, int region, int next) {
  Cut cut{0, 0, static_cast<uint8_t>(region), static_cast<uint8_t>(next), node.category_set >= 0};
  if (!cut.categorical) {
    const CodeColumns::Place place = columns_.place(node);
    cut.column = place.column;
    cut.code = place.code;
    cuts_.push_back(cut);
    ++plan.cuts;
    return;
  }
  const CodeColumns::Pairs pairs = columns_.pairs(node.feature);
  for (uint32_t pair = 0; pair < pairs.count; ++pair) {
    const CodeColumns::Part part =
        columns_.part(node, plan.tree->category_sets[node.category_set], pair);
    cut.column = pairs.column + 2 * pair;
    parts_.insert(parts_.end(), part.begin(), part.end());
    cuts_.push_back(cut);
    ++plan.cuts;
  }
}

/// The values by region, padded for tables in registers.
void Forest::add_values(Plan& plan, const std::vector<int>& leaf_of_region) {
  const Tree& tree = *plan.tree;
  const int leaves = tree.leaves();
  plan.padded = leaves <= 16 ? 16 : leaves <= 32 ? 32 : leaves <= 64 ? 64 : leaves;
  plan.values = model_->float32_sums ? values32_.size() : values_.size();
  plan.regions = regions_.size();
  for (const int leaf : leaf_of_region) regions_.push_back(static_cast<uint8_t>(leaf));
  for (int k = 0; k < tree.width; ++k)
    for (int r = 0; r < plan.padded; ++r) {
      const double value = r < leaves ? tree.leaf_values[leaf_of_region[r] * tree.width + k] : 0;
      if (model_->float32_sums)
        values32_.push_back(static_cast<float>(value));
      else
        values_.push_back(value);
    }
}

/// Cut number i, parents first, moves the rows that go left to region i + 1.
void Forest::add_regions(Plan& plan) {
  const Tree& tree = *plan.tree;
  plan.way = Way::kRegions;
  plan.first_cut = cuts_.size();
  plan.first_part = parts_.size();
  std::vector<int> leaf_of_region(static_cast<size_t>(tree.leaves()));
  std::vector<std::pair<int, int>> stack{{tree.nodes.empty() ? ~0 : 0, 0}};
  int next = 0;
  while (!stack.empty()) {
    const auto [at, region] = stack.back();
    stack.pop_back();
    if (at < 0) {
      leaf_of_region[region] = ~at;
      continue;
    }
    const TreeNode& node = tree.nodes[at];
    add_cut(plan, node, region, ++next);
    stack.emplace_back(node.right, region);
    stack.emplace_back(node.left, next);
  }
  add_values(plan, leaf_of_region);
}

void Forest::add_levels(Plan& plan) {
  const std::vector<std::vector<int>> levels = levels_of(*plan.tree);
  plan.way = Way::kSymmetric;
  plan.first_cut = cuts_.size();
  plan.first_part = parts_.size();
  for (size_t level = 0; level + 1 < levels.size(); ++level)
    add_cut(plan, plan.tree->nodes[levels[level][0]], 0, 1 << level);
  std::vector<int> leaf_of_region;
  for (const int leaf : levels.back()) leaf_of_region.push_back(~leaf);
  add_values(plan, leaf_of_region);
}

/// Groups of trees in the order of trees; those with categories have no lane.
void Forest::add_lanes() {
  const bool possible = wide_ && columns_.columns() <= kLaneColumns;
  size_t first = 0;
  while (first < plans_.size()) {
    LaneGroup group{first, first, lane_cuts_.size(), 0, true};
    int lane = 0;
    for (; group.last_tree < plans_.size() && lane < kLanes; ++group.last_tree) {
      Plan& plan = plans_[group.last_tree];
      lane_values_.push_back(plan.values);
      const auto cuts = cuts_.begin() + static_cast<int64_t>(plan.first_cut);
      if (!possible || plan.way == Way::kWalk ||
          std::any_of(cuts, cuts + plan.cuts, [](const Cut& cut) { return cut.categorical; })) {
        group.plain = false;
        continue;
      }
      group.plain &= !plan.linear && plan.width == 1;
      plan.lane = lane++;
      group.cuts = std::max(group.cuts, plan.cuts);
    }
    lane_cuts_.resize(group.first_cut + static_cast<size_t>(group.cuts));
    for (int c = 0; c < group.cuts; ++c) {
      LaneCuts& step = lane_cuts_[group.first_cut + static_cast<size_t>(c)];
      std::memset(step.column, 0, kLanes);
      std::memset(step.code, 255, kLanes);  // nothing is above
      std::memset(step.region, symmetric_ ? 0 : 255, kLanes);
      for (size_t t = group.first_tree; t < group.last_tree; ++t) {
        const Plan& plan = plans_[t];
        if (plan.lane < 0 || c >= plan.cuts) continue;
        const Cut& cut = cuts_[plan.first_cut + static_cast<size_t>(c)];
        step.column[plan.lane] = static_cast<uint8_t>(cut.column);
        step.code[plan.lane] = cut.code;
        step.region[plan.lane] = symmetric_ ? cut.next : cut.region;
      }
    }
    first = group.last_tree;
    lanes_.push_back(group);
  }
}

}  // namespace cne::gbdt
