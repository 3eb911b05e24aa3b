#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gbdt/model.h"
#include "gbdt/shap_tree.h"

namespace cne::gbdt {

inline constexpr int64_t kPreparedEdges = 1 << 16;  // of the trees that are prepared together

/// Calls body(trees) with the prepared trees, as many at a time as memory should hold.
template <typename Body>
void for_prepared(const Model& model, int trees, const char* function, const Body& body) {
  const size_t all = model.trees.size();
  const size_t used = trees < 0 ? all : std::min(static_cast<size_t>(trees), all);
  std::vector<ShapTree> prepared;
  int64_t edges = 0;
  for (size_t t = 0; t < used; ++t) {
    prepared.emplace_back(model.trees[t], function);
    edges += prepared.back().edges();
    if (edges < kPreparedEdges && t + 1 < used) continue;
    body(prepared);
    prepared.clear();
    edges = 0;
  }
}

/// Which inputs each column of encoded rows stands for.
inline std::vector<std::vector<int32_t>> inputs_of_columns(const Model& model) {
  std::vector<std::vector<int32_t>> out;
  for (size_t f = 0; f < model.features.size(); ++f) out.push_back({static_cast<int32_t>(f)});
  for (const DerivedFeature& derived : model.derived) out.push_back(inputs_of(derived));
  return out;
}

}  // namespace cne::gbdt
