#include "gbdt/bin_tree.h"

#include <algorithm>
#include <array>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kGrain = 16384;  // rows a task
constexpr int64_t kBlock = 2048;   // rows that go down the tree together

}  // namespace

/// Rows that are sorted by leaf, block after block.
struct BinTree::Scratch {
  std::array<int32_t, kBlock> rows;
  std::array<int32_t, kBlock> right;
  std::array<uint8_t, kBlock> bins;
  struct Part {
    int node;  // ~leaf for a leaf
    int64_t begin;
    int64_t end;
  };
  std::vector<Part> todo;
};

BinTree::BinTree(const Tree& tree, const BinMatrix& bins) {
  std::vector<int> column_of(static_cast<size_t>(bins.features()), 0);
  for (int j = 0; j < bins.width(); ++j) column_of[bins.feature(j)] = j;
  nodes_.reserve(tree.nodes.size());
  for (const TreeNode& node : tree.nodes) {
    Node& out =
        nodes_.emplace_back(Node{column_of[node.feature], node.left, node.right, SideOfBin{}});
    const FeatureBins& feature = bins.bins_of_feature(node.feature);
    for (int b = 0; b < feature.count(); ++b)
      out.sides[b] = node.category_set >= 0 ? contains(tree.category_sets[node.category_set], b)
                                            : feature.bounds[b] <= node.threshold;
    out.sides[feature.missing_bin()] = node.missing_left;
  }
}

/// Parts the rows of a block at each node, as training does: reading a column in order costs less
/// than a row's way from node to node, where every step waits for the one before.
void BinTree::visit_block(const BinMatrix& bins, int64_t count, const Visit& visit,
                          Scratch& scratch) const {
  int32_t* rows = scratch.rows.data();
  int32_t* right = scratch.right.data();
  scratch.todo.assign(1, {nodes_.empty() ? ~0 : 0, 0, count});
  while (!scratch.todo.empty()) {
    const auto [at, begin, end] = scratch.todo.back();
    scratch.todo.pop_back();
    if (begin == end) continue;
    if (at < 0) {
      visit(~at, rows + begin, end - begin);
      continue;
    }
    const Node& node = nodes_[at];
    const BinColumn column = bins.column(node.column);
    int64_t lefts = begin;
    const auto part = [&](const auto& bin) {
      for (int64_t i = begin; i < end; ++i) {
        const int32_t row = rows[i];
        const uint8_t side = node.sides[bin(i)];
        rows[lefts] = row;
        right[i - lefts] = row;
        lefts += side;
      }
    };
    if (column.is_listed()) {
      column.gather(rows + begin, end - begin, scratch.bins.data());
      part([&](int64_t i) { return scratch.bins[i - begin]; });
    } else {
      part([&](int64_t i) { return column.bins[rows[i]]; });
    }
    std::copy_n(right, end - lefts, rows + lefts);
    scratch.todo.push_back({node.right, lefts, end});
    scratch.todo.push_back({node.left, begin, lefts});
  }
}

void BinTree::visit_leaves(const BinMatrix& bins, const uint8_t* skip, const Visit& visit) const {
  parallel_for(bins.rows(), kGrain, [&](int64_t begin, int64_t end) {
    Scratch scratch;
    for (int64_t at = begin; at < end; at += kBlock) {
      int64_t count = 0;
      for (int64_t i = at; i < std::min(end, at + kBlock); ++i) {
        scratch.rows[count] = static_cast<int32_t>(i);
        count += skip == nullptr || !skip[i];
      }
      visit_block(bins, count, visit, scratch);
    }
  });
}

void BinTree::add(const Tree& tree, const BinMatrix& bins, const uint8_t* skip, double factor,
                  double* scores) const {
  visit_leaves(bins, skip, [&](int leaf, const int32_t* rows, int64_t count) {
    for (int k = 0; k < tree.width; ++k) {
      const double value = factor * tree.leaf_values[static_cast<size_t>(leaf) * tree.width + k];
      double* out = scores + (tree.output + k) * bins.rows();
      for (int64_t i = 0; i < count; ++i) out[rows[i]] += value;
    }
  });
}

}  // namespace cne::gbdt
