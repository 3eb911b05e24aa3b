#pragma once

#include <cstdint>
#include <vector>

#include "core/device_queue.h"
#include "core/kernel.h"

namespace cne::gbdt {

class Booster;
struct FeatureMatrix;
struct Model;

/// A node of a forest on a device; children: a node of the forest, or ~leaf of its tree.
struct ForestNode {
  double threshold;
  int32_t feature;
  int32_t left;
  int32_t right;
  int32_t set;        // categorical: where its words begin; -1 for a number
  int32_t set_words;  // how many they are
  uint8_t missing_left;
  uint8_t unknown_left;

  /// As Tree::goes_left.
  CNE_HD bool goes_left(double value, const uint64_t* sets) const {
    if (value != value) return missing_left != 0;
    if (set < 0) return value <= threshold;
    if (value < 0) return unknown_left != 0;
    const auto number = static_cast<int64_t>(value);
    const int64_t word = number >> 6;
    return word < set_words && ((sets[set + word] >> (number & 63)) & 1) != 0;
  }
};

struct ForestTree {
  int32_t root;    // a node, or ~0 for a tree of one leaf
  int32_t output;  // the first one of `width`
  int32_t width;
  int32_t pad;
  int64_t values;  // where those of its leaves begin, (leaves, width)
};

/// The trees of a model as a device holds them.
struct ForestLayout {
  std::vector<ForestNode> nodes;
  std::vector<ForestTree> trees;
  std::vector<double> values;
  std::vector<uint64_t> sets;
};
/// Trees [first, last). Throws UnsupportedError naming `function` for linear leaves.
ForestLayout lay_out(const Model& model, size_t first, size_t last, const char* function);

/// The scores of rows, each walked by one thread through all trees in their order. The threads of a
/// block read the same trees at about the same time.
struct ScoreRows {
  static constexpr const char* kName = "predict: score_rows";
  static constexpr int kThreads = 128;
  const ForestNode* nodes;
  const ForestTree* trees;
  const double* values;
  const uint64_t* sets;
  int tree_count;
  const double* numbers;  // row-major, as trees compare them
  int width;
  int64_t rows;
  int outputs;
  bool float32_sums;
  double* scores;  // row-major; the base scores before

  size_t shared_bytes() const { return 0; }

  CNE_HD double sum(double a, double b) const {
    return float32_sums ? static_cast<double>(static_cast<float>(a) + static_cast<float>(b))
                        : a + b;
  }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t row = block.x() * kThreads + t;
      if (row >= rows) return;
      const double* own = numbers + row * width;
      double* out = scores + row * outputs;
      double first = out[0];  // in a register: most models have one output
      for (int i = 0; i < tree_count; ++i) {
        const ForestTree tree = trees[i];
        int at = tree.root;
        while (at >= 0) {
          const ForestNode node = nodes[at];
          at = node.goes_left(own[node.feature], sets) ? node.left : node.right;
        }
        const double* found = values + tree.values + int64_t{~at} * tree.width;
        for (int k = 0; k < tree.width; ++k) {
          const int output = tree.output + k;
          if (output == 0)
            first = sum(first, found[k]);
          else
            out[output] = sum(out[output], found[k]);
        }
      }
      out[0] = first;
    });
  }
};

/// Booster::predict on a device, with the same bits: rows become numbers on the host, piece by
/// piece. Throws ShapeError as it does, UnsupportedError for linear leaves, DeviceError where there
/// is no such device.
void predict_on_device(const Booster& booster, Device device, const FeatureMatrix& x,
                       bool raw_score, int trees, double* out);

}  // namespace cne::gbdt
