#include "gbdt/importance.h"

#include <array>
#include <utility>

#include "core/error.h"

namespace cne::gbdt {

namespace {

constexpr std::array<std::pair<std::string_view, Importance>, 5> kNames{{
    {"split", Importance::kSplit},
    {"total_gain", Importance::kTotalGain},
    {"gain", Importance::kGain},
    {"total_cover", Importance::kTotalCover},
    {"cover", Importance::kCover},
}};

}  // namespace

Importance find_importance(std::string_view name, const char* function) {
  std::string all;
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
    all += message(all.empty() ? "\"" : ", \"", known, "\"");
  }
  throw ArgumentError(
      message(function, ": expected an importance of ", all, ", got \"", name, "\""));
}

std::vector<double> importance_of(const Model& model, Importance kind) {
  const size_t inputs = model.features.size();
  std::vector<double> sums(inputs);
  std::vector<double> splits(inputs);
  const auto add = [&](size_t feature, double share, const TreeNode& node) {
    const bool cover = kind == Importance::kTotalCover || kind == Importance::kCover;
    sums[feature] += share * (cover ? node.weight : node.gain);
    splits[feature] += 1;
  };
  for (const Tree& tree : model.trees)
    for (const TreeNode& node : tree.nodes) {
      const auto feature = static_cast<size_t>(node.feature);
      if (feature < inputs) {
        add(feature, 1, node);
        continue;
      }
      const std::vector<int32_t> sources = inputs_of(model.derived[feature - inputs]);
      for (const int32_t source : sources)
        add(static_cast<size_t>(source), 1.0 / static_cast<double>(sources.size()), node);
    }
  if (kind == Importance::kSplit) return splits;
  if (kind == Importance::kGain || kind == Importance::kCover)
    for (size_t f = 0; f < inputs; ++f) sums[f] = splits[f] > 0 ? sums[f] / splits[f] : 0;
  return sums;
}

}  // namespace cne::gbdt
