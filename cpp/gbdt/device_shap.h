#pragma once

#include <cstdint>
#include <vector>

#include "core/device_queue.h"
#include "core/kernel.h"
#include "gbdt/device_predict.h"
#include "gbdt/shap_steps.h"

namespace cne::gbdt {

/// Leaves of one tree that need the same number of points (ShapTree::Part), on a device.
struct DeviceShapPart {
  int64_t first_step;
  int64_t steps;
  int64_t first_factor;
  int32_t points;
  int32_t tree;  // of the forest
};

/// Contributions of features: one thread takes one row through all parts, in the order of the CPU.
/// What it keeps of a tree lies side by side with that of its neighbours: number i of row r is
/// at [i * lanes + r].
struct AddContributions {
  static constexpr const char* kName = "predict_contributions: add_contributions";
  static constexpr int kThreads = 128;
  const DeviceShapPart* parts;
  int part_count;
  const ShapStep* steps;
  const ShapFactors* factors;
  const ForestNode* nodes;
  const ForestTree* trees;
  const double* values;
  const uint64_t* sets;
  const double* numbers;  // (columns, lanes)
  int columns;
  int64_t rows;
  int64_t lanes;
  uint8_t* hot;       // by edge
  double* products;   // by depth and point
  double* node_sums;  // the same
  double* sums;       // (outputs, columns)

  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t row = block.x() * kThreads + t;
      if (row >= rows) return;
      for (int p = 0; p < part_count; ++p)
        for (int k = 0; k < trees[parts[p].tree].width; ++k) add_part(parts[p], k, row);
    });
  }

 private:
  CNE_BODY bool takes(const ForestTree& tree, const ShapStep& step, int64_t row) const {
    const ForestNode node = nodes[tree.root + step.edge / 2];
    const bool left = node.goes_left(numbers[node.feature * lanes + row], sets);
    return left == (step.edge % 2 == 0) && (step.above < 0 || hot[step.above * lanes + row]);
  }

  CNE_BODY void add_part(const DeviceShapPart& part, int k, int64_t row) const {
    const ForestTree tree = trees[part.tree];
    const int points = part.points;
    for (int q = 0; q < points; ++q) products[q * lanes + row] = 1.0;
    for (int64_t s = 0; s < part.steps; ++s) {
      const ShapStep step = steps[part.first_step + s];
      const ShapFactors* own = factors + part.first_factor + int64_t{step.edge} * points;
      const int64_t at = int64_t{step.depth} * points;
      const bool up = step.kind == ShapStep::kUp;
      const bool taken = up ? hot[step.edge * lanes + row] != 0 : takes(tree, step, row);
      if (!up) hot[step.edge * lanes + row] = taken;
      const bool alive = step.above < 0 || hot[step.above * lanes + row] != 0;
      const auto product = [&](int q) {
        const double factor = taken ? own[q].hot : alive ? own[q].cold : step.dead;
        return products[(at + q) * lanes + row] * factor;
      };
      if (step.kind == ShapStep::kDown) {
        for (int q = 0; q < points; ++q) products[(at + points + q) * lanes + row] = product(q);
        continue;
      }
      const double leaf = up ? 0 : values[tree.values + int64_t{step.leaf} * tree.width + k];
      double total = 0;
      for (int q = 0; q < points; ++q) {
        const double sum = up ? node_sums[(at + points + q) * lanes + row] : product(q) * leaf;
        total += sum * (taken ? own[q].hot_weight : own[q].cold_weight);
        double& both = node_sums[(at + q) * lanes + row];
        both = step.first ? sum : both + sum;
      }
      sums[(int64_t{tree.output + k} * columns + step.feature) * lanes + row] +=
          alive ? total : 0.0;
    }
  }
};

/// predict_contributions (shap.h) on a device, with the same bits. Throws as it does, and
/// DeviceError where there is no such device.
void contributions_on_device(const Booster& booster, Device device, const FeatureMatrix& x,
                             int trees, double* out);

}  // namespace cne::gbdt
