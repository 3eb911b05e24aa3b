#include "gbdt/staged.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace cne::gbdt {

namespace {

/// The sum that a model keeps: float32 where it says so.
double add(double a, double b, bool float32) {
  return float32 ? static_cast<double>(static_cast<float>(a) + static_cast<float>(b)) : a + b;
}

Model without_trees(const Model& model) {
  Model out;
  out.objective = model.objective;
  out.base_scores = model.base_scores;
  out.float32_inputs = model.float32_inputs;
  out.float32_sums = model.float32_sums;
  out.features = model.features;
  out.derived = model.derived;
  out.attributes = model.attributes;
  return out;
}

}  // namespace

int trees_per_round(const Model& model) {
  return model.trees.empty() || model.trees[0].width == 1 ? model.outputs() : 1;
}

Model take_rounds(const Model& model, const std::vector<int64_t>& rounds, const char* function) {
  const auto step = static_cast<size_t>(trees_per_round(model));
  const auto all = static_cast<int64_t>(model.trees.size() / step);
  Model out = without_trees(model);
  for (const int64_t round : rounds) {
    if (round < 0 || round >= all)
      throw ArgumentError(message(function, ": expected rounds below ", all, ", got ", round));
    const auto first = model.trees.begin() + round * static_cast<int64_t>(step);
    out.trees.insert(out.trees.end(), first, first + static_cast<int64_t>(step));
  }
  return out;
}

StagedScores::StagedScores(const Booster& booster, FeatureMatrix x, const char* function)
    : booster_(&booster),
      x_(std::move(x)),
      shell_(without_trees(booster.model())),
      per_round_(trees_per_round(booster.model())) {
  booster.check_width(x_, function);
  const auto outputs = static_cast<size_t>(booster.outputs());
  scores_.resize(static_cast<size_t>(x_.rows) * outputs);
  booster.predict(x_, true, 0, scores_.data());
  std::fill(shell_.base_scores.begin(), shell_.base_scores.end(), 0.0);
}

/// Trees that add to different outputs: the sum of each from 0 is what is added.
void StagedScores::add_trees(size_t first, size_t last) {
  const std::vector<Tree>& trees = booster_->model().trees;
  Model piece = shell_;
  piece.trees.assign(trees.begin() + static_cast<int64_t>(first),
                     trees.begin() + static_cast<int64_t>(last));
  std::vector<double> values(scores_.size());
  Booster(std::move(piece), "staged").predict(x_, true, -1, values.data());
  for (size_t i = 0; i < values.size(); ++i)
    scores_[i] = add(scores_[i], values[i], shell_.float32_sums);
}

bool StagedScores::next() {
  const std::vector<Tree>& trees = booster_->model().trees;
  if (used_ >= trees.size()) return false;
  const size_t end = std::min(trees.size(), used_ + static_cast<size_t>(per_round_));
  while (used_ < end) {
    // XGBoost's parallel trees add to one output beside each other.
    size_t last = used_ + 1;
    while (last < end && trees[last].output == trees[last - 1].output + trees[last - 1].width)
      ++last;
    add_trees(used_, last);
    used_ = last;
  }
  return true;
}

void StagedScores::predict(bool raw_score, double* out) const {
  std::copy(scores_.begin(), scores_.end(), out);
  const ObjectiveOptions& objective = shell_.objective;
  if (!raw_score)
    transform_scores(link_of(objective), objective.sigmoid, booster_->outputs(), out, x_.rows);
}

}  // namespace cne::gbdt
