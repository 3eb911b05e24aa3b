#include "gbdt/booster.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 128;  // rows that go through the forest together

void start_scores(const Model& model, double* out) {
  for (const double base : model.base_scores)
    *out++ = model.float32_sums ? static_cast<double>(static_cast<float>(base)) : base;
}

}  // namespace

Booster::Booster(Model model, const char* function) : model_(std::move(model)) {
  model_.check(function);
  for (const DerivedFeature& feature : model_.derived) lookups_.emplace_back(feature);
  forest_ = Forest(model_.trees, model_.float32_sums);
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

void Booster::encode_rows(const FeatureMatrix& x, int64_t first, int64_t rows, double* out) const {
  const int encoded = encoded_width();
  for (int j = 0; j < width(); ++j)
    for (int64_t i = 0; i < rows; ++i)
      out[i * encoded + j] = model_.encode(j, x.columns[j][first + i]);
  for (size_t d = 0; d < lookups_.size(); ++d)
    for (int64_t i = 0; i < rows; ++i) {
      double* row = out + i * encoded;
      row[width() + d] = lookups_[d].find([&](int32_t feature) { return row[feature]; });
    }
}

void Booster::predict(const FeatureMatrix& x, bool raw_score, int trees, double* out) const {
  check_width(x, "predict");
  const int all = static_cast<int>(model_.trees.size());
  const int used = trees < 0 ? all : std::min(trees, all);
  const int encoded = encoded_width();
  parallel_for(x.rows, kBlock * 8, [&](int64_t begin, int64_t end) {
    std::vector<double> block(static_cast<size_t>(kBlock * std::max(1, encoded)));
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t rows = std::min(kBlock, end - first);
      encode_rows(x, first, rows, block.data());
      for (int64_t i = first; i < first + rows; ++i) start_scores(model_, out + i * outputs());
      forest_.add(block.data(), rows, encoded, used, outputs(), out + first * outputs());
    }
    if (!raw_score)
      transform_scores(link_of(model_.objective), model_.objective.sigmoid, outputs(),
                       out + begin * outputs(), end - begin);
  });
}

void Booster::predict_row(const double* row, bool raw_score, double* out) const {
  const auto inputs = static_cast<uint32_t>(width());
  const auto input = [&](uint32_t feature) {
    return model_.encode(static_cast<int>(feature), row[feature]);
  };
  start_scores(model_, out);
  forest_.score(
      [&](uint32_t feature) {
        return feature < inputs ? input(feature) : lookups_[feature - inputs].find(input);
      },
      out);
  if (!raw_score)
    transform_scores(link_of(model_.objective), model_.objective.sigmoid, outputs(), out, 1);
}

void Booster::predict_leaves(const FeatureMatrix& x, int32_t* out) const {
  check_width(x, "predict_leaves");
  const auto trees = static_cast<int64_t>(model_.trees.size());
  const int encoded = encoded_width();
  parallel_for(x.rows, kBlock, [&](int64_t begin, int64_t end) {
    std::vector<double> block(static_cast<size_t>(kBlock * std::max(1, encoded)));
    encode_rows(x, begin, end - begin, block.data());
    for (int64_t i = begin; i < end; ++i) {
      const double* row = block.data() + (i - begin) * encoded;
      for (int64_t t = 0; t < trees; ++t)
        out[i * trees + t] =
            model_.trees[t].find_leaf([&](int32_t feature) { return row[feature]; });
    }
  });
}

}  // namespace cne::gbdt
