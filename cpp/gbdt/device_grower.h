#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "gbdt/device_histogram.h"
#include "gbdt/device_partition.h"
#include "gbdt/device_scores.h"
#include "gbdt/device_split.h"
#include "gbdt/feature_choice.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// What one tree is grown from; gradients and rows lie on the device.
struct DeviceTreeInput {
  const Gradient* gradients = nullptr;
  GradientUnits units{};
  const int32_t* rows = nullptr;  // that take part, ascending; null: all
  int64_t count = 0;
  const std::vector<uint8_t>* use = nullptr;  // the rest as in TreeInput
  double learning_rate = 1;
  uint64_t number = 0;
};

/// Grows trees of one output on a device, leaf-wise or level by level: the same as Grower, bit for
/// bit. The tree and what is known of its leaves are on the host; rows, histograms and searches on
/// the device. Leaves are cut ahead of their turn, up to kDeviceNodes at once, and the host waits
/// once for the splits of all their children.
///
/// `queue`, `bins` and `options` must outlive it.
class DeviceGrower {
 public:
  DeviceGrower(const DeviceQueue& queue, const DeviceBins& bins, const GrowOptions& options,
               uint64_t seed);

  Tree grow(const DeviceTreeInput& input);

  /// Adds each leaf's value to the scores of its rows (on the device, of the tree's output), for
  /// the tree grown last. The rows of its input are still there.
  void add_to_scores(const Tree& tree, double* scores);

 private:
  /// A leaf, or what was one: the left child is node `child`, the right one the next.
  struct Node {
    int64_t begin = 0;
    int list = 0;  // of lists_; kRoot: the rows of the tree
    GradientSums sums;
    double value = 0;
    ValueBounds bounds;
    int depth = 0;
    int above = -1;  // node, and which child of it this is
    bool is_left = false;
    int child = -1;   // once it is cut
    int number = -1;  // of the tree's node, once the cut is part of the tree
    FoundSplit split{kNoGain, -1, 0, 0, {}};
    GradientSums* histogram = nullptr;
  };
  static constexpr int kRoot = 2;
  // The largest first: -depth when level by level, gain, -leaf number; and the node.
  using Entry = std::tuple<int, double, int, int>;
  using Queue = std::set<Entry, std::greater<>>;

  const int32_t* rows_of(const Node& node) const;
  GradientSums* take_histogram();
  void give_back(Node& node);
  bool may_split(const Node& node) const;
  SplitNode search_of(const Node& node, const uint8_t* use) const;
  std::vector<uint8_t> features_of(const Node& node) const;
  const uint8_t* place_use(const Node& node, std::vector<uint8_t>& flags) const;
  void begin(const DeviceTreeInput& input);
  void search_root();
  std::vector<int> choose(const Queue& queue, int left) const;
  void cut(const std::vector<int>& numbers, bool search);
  void add_children(int number);
  void search(const std::vector<int>& cut);
  int add_node(Tree& tree, Node& node, int leaf);
  void finish(Tree& tree) const;

  const DeviceQueue& queue_;
  const DeviceBins& bins_;
  const GrowOptions& options_;
  FeatureChoice choice_;
  bool same_features_;  // for all leaves of a tree
  bool in_order_;       // features depend on the numbers of nodes: one leaf at a time
  int most_leaves_;
  DeviceTreeInput input_;
  SplitRules rules_;
  std::vector<Node> nodes_;
  std::vector<int> leaves_;  // node by leaf number
  DeviceArray<int32_t> lists_[2];
  DeviceArray<uint8_t> use_;
  DeviceArray<int8_t> directions_;
  DeviceArray<GradientSums> root_sums_;
  DeviceArray<HistogramTask> histogram_room_;
  PartitionRoom partition_room_;
  SplitRoom split_room_;
  DeviceArray<LeafRows> leaf_room_;
  std::vector<DeviceArray<GradientSums>> memory_;
  std::vector<GradientSums*> free_;
};

}  // namespace cne::gbdt
