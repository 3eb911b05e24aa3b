#include "gbdt/booster.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kRowsByRow = 8;  // so few are scored one after the other

}  // namespace

Booster::Parts::Parts(Model m, const char* function) : model(std::move(m)) {
  model.check(function);
  for (const DerivedFeature& feature : model.derived) lookups.emplace_back(feature);
  forest = Forest(model, lookups);
}

Booster::Booster(Model model, const char* function)
    : parts_(std::make_unique<Parts>(std::move(model), function)) {}

std::vector<Levels> Booster::levels() const {
  std::vector<Levels> out;
  for (const FeatureInfo& feature : model().features) out.push_back(feature.levels);
  return out;
}

void Booster::check_width(const FeatureMatrix& x, const char* function) const {
  if (x.width() != width())
    throw ShapeError(message(function, ": X has ", x.width(),
                             " features, but the model was trained on ", width(), " features"));
}

void Booster::predict(const FeatureMatrix& x, bool raw_score, int trees, double* out) const {
  check_width(x, "predict");
  const int all = static_cast<int>(model().trees.size());
  const int used = trees < 0 ? all : std::min(trees, all);
  const int outputs = model().outputs();
  if (x.rows <= kRowsByRow && used == all) {
    std::vector<double> row(static_cast<size_t>(width()));
    for (int64_t i = 0; i < x.rows; ++i) {
      for (int j = 0; j < width(); ++j) row[j] = x.columns[j][i];
      predict_row(row.data(), raw_score, out + i * outputs);
    }
    return;
  }
  parallel_for(x.rows, kCodeRows, [&](int64_t begin, int64_t end) {
    double* first = out + begin * outputs;
    parts_->forest.score_rows(x, begin, static_cast<int>(end - begin), used, first);
    if (!raw_score)
      transform_scores(link_of(model().objective), model().objective.sigmoid, outputs, first,
                       end - begin);
  });
}

void Booster::predict_row(const double* row, bool raw_score, double* out) const {
  parts_->forest.score_row(row, out);
  if (!raw_score)
    transform_scores(link_of(model().objective), model().objective.sigmoid, model().outputs(), out,
                     1);
}

void Booster::predict_leaves(const FeatureMatrix& x, int32_t* out) const {
  check_width(x, "predict_leaves");
  const auto trees = static_cast<int64_t>(model().trees.size());
  parallel_for(x.rows, kCodeRows, [&](int64_t begin, int64_t end) {
    parts_->forest.find_leaves(x, begin, static_cast<int>(end - begin), out + begin * trees);
  });
}

}  // namespace cne::gbdt
