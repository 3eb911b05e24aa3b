#include "gbdt/device_scores.h"

#include "gbdt/bin_tree.h"

namespace cne::gbdt {

namespace {

std::vector<WalkNode> walk_nodes(const Tree& tree, const BinMatrix& bins) {
  std::vector<WalkNode> out;
  const BinTree walked(tree, bins);
  for (const BinTree::Node& node : walked.nodes()) {
    WalkNode walk{node.column, node.left, node.right, 0, {}};
    for (size_t b = 0; b < node.sides.size(); ++b)
      if (node.sides[b]) walk.left_bins[b / 64] |= uint64_t{1} << (b % 64);
    out.push_back(walk);
  }
  return out;
}

}  // namespace

void TreeWalk::add(const DeviceQueue& queue, const DeviceBins& bins, const Tree& tree,
                   const uint8_t* skip, double* scores) {
  const std::vector<WalkNode> nodes = walk_nodes(tree, bins.bins());
  nodes_.upload(queue, nodes.data(), std::ssize(nodes));
  values_.upload(queue, tree.leaf_values.data(), tree.leaves());
  cne::run(queue,
           WalkRows{bins.column(0), bins.column_stride(), bins.rows(),
                    nodes.empty() ? nullptr : nodes_.data(), values_.data(), skip, scores},
           {score_blocks(bins.rows()), 1});
}

GradientUnits fix_gradients(const DeviceQueue& queue, const LossRows& rows,
                            const DerivativeBounds* known, DeviceArray<uint64_t>& room,
                            Gradient* out) {
  DerivativeBounds bounds;
  if (known != nullptr) {
    bounds = *known;
  } else {
    uint64_t most[2];
    room.reserve(queue, 2);
    queue.clear(room.data(), sizeof most);
    cne::run(queue, FindLargest{rows, room.data()}, {score_blocks(rows.rows), 1});
    queue.download(room.data(), sizeof most, most);
    bounds = {detail::of_bits(most[0]), detail::of_bits(most[1])};
  }
  const GradientUnits units = units_for(bounds);
  cne::run(queue, FixGradients{rows, 1.0 / units.gradient, 1.0 / units.hessian, out},
           {score_blocks(rows.rows), 1});
  return units;
}

}  // namespace cne::gbdt
