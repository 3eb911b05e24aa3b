#include "gbdt/booster.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"
#include "core/utf8.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kBlock = 128;  // rows that go through the forest together

void check_model(const Model& model, const char* function) {
  const int width = static_cast<int>(model.features.size());
  bool text = is_utf8(model.attributes);
  for (const FeatureInfo& feature : model.features) {
    text &= is_utf8(feature.name) &&
            std::all_of(feature.levels.begin(), feature.levels.end(),
                        [](const std::string& level) { return is_utf8(level); });
    if (!text) throw CorruptionError(message(function, ": a text of the model is not UTF-8"));
    const auto& c = feature.categories;
    if (!std::is_sorted(c.begin(), c.end()) ||
        std::any_of(c.begin(), c.end(), [](double v) { return std::isnan(v); }))
      throw CorruptionError(message(function, ": the model's categories are not in order"));
    const auto levels = static_cast<double>(feature.levels.size());
    if (levels > 0 && std::any_of(c.begin(), c.end(), [&](double v) {
          return v < 0 || v >= levels || v != std::floor(v);
        }))
      throw CorruptionError(message(function, ": a category of the model has no text"));
  }
  if (!text) throw CorruptionError(message(function, ": a text of the model is not UTF-8"));
  for (const Tree& tree : model.trees) {
    tree.check(width, model.outputs(), function);
    for (const TreeNode& node : tree.nodes)
      if (model.features[node.feature].categorical != (node.category_set >= 0))
        throw CorruptionError(message(function, ": a split does not fit the kind of its feature"));
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

Booster::Booster(Model model, const char* function) : model_(std::move(model)) {
  check_model(model_, function);
  forest_ = Forest(model_.trees);
}

std::vector<Levels> Booster::levels() const {
  std::vector<Levels> out;
  for (const FeatureInfo& feature : model_.features) out.push_back(feature.levels);
  return out;
}

void Booster::check_width(const FeatureMatrix& x, const char* function) const {
  if (x.width() != width())
    throw ShapeError(message(function, ": X has ", x.width(),
                             " features, but the model was trained on ", width(), " features"));
}

void Booster::predict(const FeatureMatrix& x, bool raw_score, int trees, double* out) const {
  check_width(x, "predict");
  const int all = static_cast<int>(model_.trees.size());
  const int used = trees < 0 ? all : std::min(trees, all);
  const std::vector<double>& base = model_.base_scores;
  parallel_for(x.rows, kBlock * 8, [&](int64_t begin, int64_t end) {
    std::vector<double> block(static_cast<size_t>(kBlock * std::max(1, width())));
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t rows = std::min(kBlock, end - first);
      for (int j = 0; j < width(); ++j)
        for (int64_t i = 0; i < rows; ++i)
          block[i * width() + j] = model_.features[j].encode(x.columns[j][first + i]);
      for (int64_t i = first; i < first + rows; ++i)
        std::copy(base.begin(), base.end(), out + i * outputs());
      forest_.add(block.data(), rows, width(), used, outputs(), out + first * outputs());
    }
    if (!raw_score)
      transform_scores(link_of(model_.objective), model_.objective.sigmoid, outputs(),
                       out + begin * outputs(), end - begin);
  });
}

void Booster::predict_row(const double* row, bool raw_score, double* out) const {
  const FeatureInfo* features = model_.features.data();
  std::copy(model_.base_scores.begin(), model_.base_scores.end(), out);
  forest_.score([&](uint32_t feature) { return features[feature].encode(row[feature]); }, out);
  if (!raw_score)
    transform_scores(link_of(model_.objective), model_.objective.sigmoid, outputs(), out, 1);
}

void Booster::predict_leaves(const FeatureMatrix& x, int32_t* out) const {
  check_width(x, "predict_leaves");
  const auto trees = static_cast<int64_t>(model_.trees.size());
  parallel_for(x.rows, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t t = 0; t < trees; ++t)
        out[i * trees + t] = model_.trees[t].find_leaf([&](int32_t feature) {
          return model_.features[feature].encode(x.columns[feature][i]);
        });
  });
}

std::vector<double> Booster::gain_importance() const {
  std::vector<double> out(model_.features.size());
  for (const Tree& tree : model_.trees)
    for (const TreeNode& node : tree.nodes) out[node.feature] += node.gain;
  return out;
}

std::vector<int64_t> Booster::split_importance() const {
  std::vector<int64_t> out(model_.features.size());
  for (const Tree& tree : model_.trees)
    for (const TreeNode& node : tree.nodes) ++out[node.feature];
  return out;
}

}  // namespace cne::gbdt
