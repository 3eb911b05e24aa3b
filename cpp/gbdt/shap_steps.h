#pragma once

#include <cstdint>

namespace cne::gbdt {

/// What is known of an edge at one point of the sum (shap_tree.h).
struct ShapFactors {
  double hot;  // of the product
  double cold;
  double hot_weight;  // of the sum of leaves, for the feature
  double cold_weight;
  double hot_ratio;  // (o - z) / (z (1 - t) + o t)
};

/// One step of the walk over the edges of a tree.
struct ShapStep {
  enum Kind : uint8_t { kDown, kLeaf, kUp };
  Kind kind;
  bool first;     // of its node's edges
  int32_t depth;  // of its node
  int32_t edge;
  int32_t above;    // the nearest edge above on the same feature; -1 without
  int32_t feature;  // split on
  int32_t leaf;     // kLeaf: its number
  double dead;      // the product's factor where the row is dead
};

}  // namespace cne::gbdt
