#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gbdt/booster.h"

namespace cne::gbdt {

/// The attributes of ONNX-ML's TreeEnsembleRegressor for a model's scores, one entry for each node
/// or each value of a leaf. Python makes the graph of them.
struct OnnxTrees {
  std::vector<int64_t> tree, node, feature, yes, no, missing_yes;
  std::vector<float> value;
  std::vector<std::string> mode;  // "BRANCH_LEQ", "BRANCH_EQ", "LEAF"
  std::vector<int64_t> target_tree, target_node, target;
  std::vector<float> weight;
};

/// Thresholds and leaves are rounded to float32, thresholds so that float32 inputs keep their way;
/// a category set becomes a chain of comparisons with its members. Throws UnsupportedError for
/// linear leaves, zeros that are missing, and categories that float32 does not hold.
OnnxTrees write_onnx_trees(const Model& model);

}  // namespace cne::gbdt
