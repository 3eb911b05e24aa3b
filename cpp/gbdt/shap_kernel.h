#pragma once

#include "gbdt/shap_tree.h"

namespace cne::gbdt::kernels {

/// Which edges rows are hot on.
void shap_start(const Tree& tree, const int32_t* above, const ShapLanes* rows, ShapMask* hot);

/// Contributions of the leaves of a part in output k of the tree, to sums[feature].
void shap_contributions(const ShapTree::Part& part, const Tree& tree, int k, const ShapMask* hot,
                        ShapLanes* products, ShapLanes* node_sums, ShapLanes* sums);

/// Their interactions, to pairs[i * stride + j] for i < j; `ratios` is scratch.
void shap_interactions(const ShapTree::Part& part, const Tree& tree, int k,
                       const std::vector<int32_t>* paths, const ShapMask* hot, ShapLanes* products,
                       ShapLanes* ratios, ShapLanes* pairs, int64_t stride);

}  // namespace cne::gbdt::kernels
