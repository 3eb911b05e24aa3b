#include "gbdt/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/utf8.h"
#include "gbdt/feature_tile.h"

namespace cne::gbdt {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void broken(const char* function, const char* what) {
  throw CorruptionError(message(function, ": ", what));
}

void check_feature(const FeatureInfo& feature, const char* function) {
  if (!is_utf8(feature.name) || !std::all_of(feature.levels.begin(), feature.levels.end(),
                                             [](const std::string& l) { return is_utf8(l); }))
    broken(function, "a text of the model is not UTF-8");
  const std::vector<double>& c = feature.categories;
  if (!std::is_sorted(c.begin(), c.end()) ||
      std::any_of(c.begin(), c.end(), [](double v) { return std::isnan(v); }))
    broken(function, "the model's categories are not in order");
  const auto levels = static_cast<double>(feature.levels.size());
  if (levels > 0 && std::any_of(c.begin(), c.end(), [&](double v) {
        return v < 0 || v >= levels || v != std::floor(v);
      }))
    broken(function, "a category of the model has no text");
}

void check_derived(const DerivedFeature& derived, const std::vector<FeatureInfo>& features,
                   const char* function) {
  const std::vector<uint64_t>& keys = derived.keys;
  if (derived.sources.empty() || keys.size() != derived.values.size() || keys.size() > UINT32_MAX ||
      std::adjacent_find(keys.begin(), keys.end(), [](uint64_t a, uint64_t b) { return a >= b; }) !=
          keys.end())
    broken(function, "a derived feature's table is broken");
  for (const DerivedSource& source : derived.sources) {
    if (source.feature < 0 || source.feature >= static_cast<int>(features.size()))
      broken(function, "a derived feature's source is out of range");
    const FeatureInfo& input = features[source.feature];
    if (input.categorical ? source.parts.empty() || source.parts.size() != input.categories.size()
                          : !source.parts.empty() || std::isnan(source.border))
      broken(function, "a derived feature's source does not fit the kind of its feature");
  }
}

}  // namespace

double FeatureInfo::encode(double value) const {
  if (value != value || (zero_is_missing && std::abs(value) <= 1e-35)) return kMissing;
  if (!categorical) return value;
  const auto found = std::lower_bound(categories.begin(), categories.end(), value);
  if (found == categories.end() || *found != value) return kUnknownCategory;
  return static_cast<double>(found - categories.begin());
}

void Model::check(const char* function) const {
  if (!is_utf8(attributes)) broken(function, "a text of the model is not UTF-8");
  for (const FeatureInfo& feature : features) check_feature(feature, function);
  for (const DerivedFeature& feature : derived) check_derived(feature, features, function);
  const auto is_categorical = [&](int feature) {
    return feature < static_cast<int>(features.size()) && features[feature].categorical;
  };
  for (const Tree& tree : trees) {
    tree.check(static_cast<int>(features.size() + derived.size()), outputs(), function);
    for (const TreeNode& node : tree.nodes)
      if (is_categorical(node.feature) != (node.category_set >= 0))
        broken(function, "a split does not fit the kind of its feature");
    for (const int32_t feature : tree.linear.features)
      if (is_categorical(feature)) broken(function, "a linear leaf multiplies a category");
  }
}

void encode_rows(const Model& model, const std::vector<DerivedLookup>& lookups,
                 const FeatureMatrix& x, int64_t first, int64_t rows, double* out) {
  const size_t inputs = model.features.size();
  const size_t width = inputs + lookups.size();
  thread_local FeatureTile<double> tile;
  for (int64_t begin = 0; begin < rows; begin += kTileRows)
    for (size_t f = 0; f < inputs; f += kTileFeatures) {
      const auto count = static_cast<int>(std::min<size_t>(kTileFeatures, inputs - f));
      const auto height = static_cast<int>(std::min<int64_t>(kTileRows, rows - begin));
      std::array<int, kTileFeatures> features;
      std::iota(features.begin(), features.end(), static_cast<int>(f));
      read_tile(x, features.data(), count, {first + begin, height}, tile);
      for (int i = 0; i < height; ++i)
        for (int j = 0; j < count; ++j)
          out[static_cast<size_t>(begin + i) * width + f + j] =
              model.encode(features[j], tile[j][i]);
    }
  for (int64_t i = 0; i < rows; ++i) {
    double* row = out + static_cast<size_t>(i) * width;
    for (size_t d = 0; d < lookups.size(); ++d)
      row[inputs + d] = lookups[d].find([&](int32_t f) { return row[f]; });
  }
}

}  // namespace cne::gbdt
