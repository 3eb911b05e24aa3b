#pragma once

// Models of all kinds with random trees, and rows for them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/hash.h"
#include "gbdt/model.h"

namespace cne::gbdt {

/// Numbers that depend on nothing but the seed.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t bits() { return hash_u64(++state_ * 0x9e3779b97f4a7c15ULL); }
  int below(int n) { return static_cast<int>(bits() % static_cast<uint64_t>(n)); }
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  /// About normal, with few distinct values, so that thresholds are met exactly.
  double number() { return std::round(8 * (unit() + unit() + unit() + unit() - 2)) / 8; }

 private:
  uint64_t state_;
};

struct RandomModelOptions {
  uint64_t seed = 1;
  int inputs = 6;
  int trees = 12;
  int leaves = 20;
  int outputs = 1;
  bool symmetric = false;  // of depth `leaves`' logarithm
  bool categorical = false;
  int categories = 150;
  bool fine = false;  // many different thresholds
  bool derived = false;
  bool vectors = false;
  bool linear = false;
  bool zero_is_missing = false;
  bool float32_inputs = false;
  bool float32_sums = false;
};

inline Tree random_tree(const RandomModelOptions& o, const Model& model, Random& random) {
  Tree tree;
  const int inputs = static_cast<int>(model.features.size());
  const int width = inputs + static_cast<int>(model.derived.size());
  const auto add_node = [&](const TreeNode* like) {
    TreeNode node;
    if (like != nullptr) {
      node = *like;
    } else {
      node.feature = random.below(width);
      node.missing_left = random.chance(0.5);
      node.unknown_left = random.chance(0.5);
      node.threshold = random.number() + (random.chance(0.3) ? 1e-9 : 0);
      if (o.fine) node.threshold += 1e-3 * random.unit();
      if (random.chance(0.02)) node.threshold = std::numeric_limits<double>::infinity();
      if (node.feature < inputs && model.features[node.feature].categorical) {
        node.category_set = static_cast<int32_t>(tree.category_sets.size());
        CategorySet set;
        const int known = static_cast<int>(model.features[node.feature].categories.size());
        for (int c = 0; c < known; ++c)
          if (random.chance(0.4)) insert(set, c);
        tree.category_sets.push_back(set);
      }
    }
    node.gain = random.unit();
    tree.nodes.push_back(node);
    return static_cast<int>(tree.nodes.size()) - 1;
  };
  const int leaves = o.symmetric ? o.leaves : 1 + random.below(o.leaves);
  if (o.symmetric) {
    int depth = 0;
    while ((1 << (depth + 1)) <= leaves) ++depth;
    for (int level = 0; level < depth; ++level) {
      const int first = add_node(nullptr);
      for (int i = 1; i < 1 << level; ++i) {
        const TreeNode like = tree.nodes[first];
        add_node(&like);
      }
    }
    const int inner = (1 << depth) - 1;
    for (int i = 0; i < inner; ++i) {
      const auto child = [&](int c) { return c < inner ? c : ~(c - inner); };
      tree.nodes[i].left = child(2 * i + 1);
      tree.nodes[i].right = child(2 * i + 2);
    }
  } else {
    // Cut a random leaf; the left child keeps its number.
    std::vector<int*> where;
    tree.nodes.reserve(static_cast<size_t>(leaves));
    if (leaves > 1) {
      add_node(nullptr);
      tree.nodes[0].left = ~0, tree.nodes[0].right = ~1;
      where = {&tree.nodes[0].left, &tree.nodes[0].right};
    }
    while (static_cast<int>(tree.nodes.size()) + 1 < leaves) {
      const int leaf = random.below(static_cast<int>(where.size()));
      const int node = add_node(nullptr);
      *where[leaf] = node;
      tree.nodes[node].left = ~leaf;
      tree.nodes[node].right = ~static_cast<int>(where.size());
      where[leaf] = &tree.nodes[node].left;
      where.push_back(&tree.nodes[node].right);
    }
  }
  tree.width = o.vectors ? 1 + random.below(o.outputs) : 1;
  tree.output = random.below(o.outputs - tree.width + 1);
  for (int i = 0; i < tree.leaves(); ++i) {
    for (int k = 0; k < tree.width; ++k) tree.leaf_values.push_back(random.unit() - 0.5);
    tree.leaf_weights.push_back(1 + random.below(20));
    tree.leaf_rows.push_back(1 + random.below(20));
  }
  for (size_t i = tree.nodes.size(); i-- > 0;) {
    TreeNode& node = tree.nodes[i];
    for (const int child : {node.left, node.right}) {
      node.weight += child >= 0 ? tree.nodes[child].weight : tree.leaf_weights[~child];
      node.rows += child >= 0 ? tree.nodes[child].rows : tree.leaf_rows[~child];
    }
  }
  if (o.linear && tree.width == 1 && random.chance(0.7)) {
    tree.linear.begin.push_back(0);
    for (int i = 0; i < tree.leaves(); ++i) {
      tree.linear.constants.push_back(random.number());
      for (int j = 0; j < width && random.chance(0.5); ++j) {
        if (j < inputs && model.features[j].categorical) continue;
        tree.linear.features.push_back(j);
        tree.linear.coefficients.push_back(random.number());
      }
      tree.linear.begin.push_back(static_cast<int32_t>(tree.linear.features.size()));
    }
  }
  return tree;
}

inline Model random_model(const RandomModelOptions& o) {
  Random random(o.seed);
  Model model;
  model.objective.outputs = o.outputs;
  model.base_scores.clear();
  for (int k = 0; k < o.outputs; ++k) model.base_scores.push_back(random.unit());
  model.float32_inputs = o.float32_inputs;
  model.float32_sums = o.float32_sums;
  model.features.resize(static_cast<size_t>(o.inputs));
  for (int f = 0; f < o.inputs; ++f) {
    FeatureInfo& feature = model.features[f];
    feature.categorical = o.categorical && f % 3 == 1;
    feature.zero_is_missing = o.zero_is_missing && f % 2 == 0;
    for (int c = 0; feature.categorical && c < o.categories; ++c)
      feature.categories.push_back(c % 2 == 0 ? 2 * c - 20 : 2 * c - 20.5);
  }
  for (int d = 0; o.derived && d < 3; ++d) {
    DerivedFeature derived;
    for (int s = 0; s <= d; ++s) {
      DerivedSource source;
      source.feature = random.below(o.inputs);
      const FeatureInfo& feature = model.features[source.feature];
      source.border = random.number();
      for (size_t c = 0; c < feature.categories.size(); ++c) source.parts.push_back(random.bits());
      if (random.chance(0.5)) source.missing = random.below(2);
      if (random.chance(0.5)) source.unknown = 7;
      derived.sources.push_back(source);
    }
    // Keys of random rows.
    for (int i = 0; i < 300; ++i) {
      uint64_t key = 0;
      for (const DerivedSource& source : derived.sources)
        key = add_to_key(key, source.parts.empty()
                                  ? static_cast<uint64_t>(random.below(2))
                                  : source.parts[random.bits() % source.parts.size()]);
      derived.keys.push_back(key);
    }
    std::sort(derived.keys.begin(), derived.keys.end());
    derived.keys.erase(std::unique(derived.keys.begin(), derived.keys.end()), derived.keys.end());
    for (size_t i = 0; i < derived.keys.size(); ++i)
      derived.values.push_back(random.chance(0.1) ? std::nan("") : random.number());
    derived.fallback = random.number();
    model.derived.push_back(derived);
  }
  for (int t = 0; t < o.trees; ++t) model.trees.push_back(random_tree(o, model, random));
  return model;
}

/// Row-major rows for a model: missing and unknown values, zeros, values on thresholds and beside.
inline std::vector<double> random_rows(const Model& model, int64_t rows, uint64_t seed) {
  Random random(seed);
  std::vector<double> out;
  for (int64_t i = 0; i < rows; ++i)
    for (const FeatureInfo& feature : model.features) {
      double x = random.number() + (random.chance(0.3) ? 1e-9 * random.number() : 0);
      if (random.chance(0.02)) x = (random.chance(0.5) ? 1 : -1) * HUGE_VAL;
      if (feature.categorical && !random.chance(0.2))
        x = feature.categories[random.bits() % feature.categories.size()];
      if (random.chance(0.1)) x = random.chance(0.5) ? 0 : 1e-36;
      if (random.chance(0.1)) x = std::nan("");
      out.push_back(x);
    }
  return out;
}

/// All kinds of models, by number.
inline std::vector<RandomModelOptions> all_kinds() {
  std::vector<RandomModelOptions> out;
  for (int bits = 0; bits < 512; ++bits) {
    if (bits % 8 != 0 && (bits * 2654435761u >> 16) % 4 != 0) continue;
    RandomModelOptions o;
    o.seed = static_cast<uint64_t>(bits) + 1;
    o.symmetric = bits & 1;
    o.categorical = bits & 2;
    o.derived = bits & 4;
    o.outputs = bits & 8 ? 3 : 1;
    o.vectors = bits & 16;
    o.linear = bits & 32;
    o.float32_inputs = bits & 64;
    o.float32_sums = bits & 128;
    o.zero_is_missing = bits & 256;
    out.push_back(o);
  }
  return out;
}

}  // namespace cne::gbdt
