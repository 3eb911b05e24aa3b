#include "gbdt/device_predict.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/booster.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kPiece = 1 << 17;  // rows on the device at once
constexpr int64_t kGrain = 1024;

template <typename T>
void upload_all(const DeviceQueue& queue, const std::vector<T>& from, DeviceArray<T>& to) {
  to.upload(queue, from.data(), std::ssize(from));
}

}  // namespace

ForestLayout lay_out(const Model& model, size_t first, size_t last, const char* function) {
  ForestLayout out;
  for (size_t t = first; t < last; ++t) {
    const Tree& tree = model.trees[t];
    if (!tree.linear.empty())
      throw UnsupportedError(message(function, ": linear leaves do not run on a GPU"));
    const auto root = static_cast<int32_t>(out.nodes.size());
    const auto child = [&](int32_t at) { return at < 0 ? at : root + at; };
    std::vector<int32_t> set_at;
    for (const CategorySet& set : tree.category_sets) {
      set_at.push_back(static_cast<int32_t>(out.sets.size()));
      out.sets.insert(out.sets.end(), set.begin(), set.end());
    }
    for (const TreeNode& node : tree.nodes) {
      ForestNode& own = out.nodes.emplace_back(ForestNode{});
      own.threshold = node.threshold;
      own.feature = node.feature;
      own.left = child(node.left);
      own.right = child(node.right);
      own.missing_left = node.missing_left;
      own.unknown_left = node.unknown_left;
      const bool categorical = node.category_set >= 0;
      own.set = categorical ? set_at[static_cast<size_t>(node.category_set)] : -1;
      if (categorical)
        own.set_words =
            static_cast<int32_t>(tree.category_sets[static_cast<size_t>(node.category_set)].size());
    }
    out.trees.push_back(
        {tree.nodes.empty() ? ~0 : root, tree.output, tree.width, 0, std::ssize(out.values)});
    out.values.insert(out.values.end(), tree.leaf_values.begin(), tree.leaf_values.end());
  }
  return out;
}

void predict_on_device(const Booster& booster, Device device, const FeatureMatrix& x,
                       bool raw_score, int trees, double* out) {
  booster.check_width(x, "predict");
  const Model& model = booster.model();
  const size_t all = model.trees.size();
  const size_t used = trees < 0 ? all : std::min(static_cast<size_t>(trees), all);
  const DeviceQueue queue(device, "predict");
  const ForestLayout layout = lay_out(model, 0, used, "predict");
  DeviceArray<ForestNode> nodes;
  DeviceArray<ForestTree> forest;
  DeviceArray<double> values;
  DeviceArray<uint64_t> sets;
  upload_all(queue, layout.nodes, nodes);
  upload_all(queue, layout.trees, forest);
  upload_all(queue, layout.values, values);
  upload_all(queue, layout.sets, sets);
  const int outputs = model.outputs();
  const int width = booster.encoded_width();
  const int64_t piece = std::min(x.rows, kPiece);
  std::vector<double> rows(static_cast<size_t>(piece * width));
  DeviceArray<double> numbers(queue, piece * width);
  DeviceArray<double> scores(queue, piece * outputs);
  for (int64_t first = 0; first < x.rows; first += piece) {
    const int64_t count = std::min(piece, x.rows - first);
    double* own = out + first * outputs;
    parallel_for(count, kGrain, [&](int64_t begin, int64_t end) {
      booster.encode_rows(x, first + begin, end - begin, rows.data() + begin * width);
      for (int64_t i = begin; i < end; ++i)
        for (int k = 0; k < outputs; ++k) {
          const double base = model.base_scores[static_cast<size_t>(k)];
          own[i * outputs + k] =
              model.float32_sums ? static_cast<double>(static_cast<float>(base)) : base;
        }
    });
    queue.upload(rows.data(), static_cast<size_t>(count * width) * sizeof(double), numbers.data());
    queue.upload(own, static_cast<size_t>(count * outputs) * sizeof(double), scores.data());
    cne::run(
        queue,
        ScoreRows{nodes.data(), forest.data(), values.data(), sets.data(), static_cast<int>(used),
                  numbers.data(), width, count, outputs, model.float32_sums, scores.data()},
        {(count + ScoreRows::kThreads - 1) / ScoreRows::kThreads, 1});
    queue.download(scores.data(), static_cast<size_t>(count * outputs) * sizeof(double), own);
    if (raw_score) continue;
    parallel_for(count, kGrain, [&](int64_t begin, int64_t end) {
      transform_scores(link_of(model.objective), model.objective.sigmoid, outputs,
                       own + begin * outputs, end - begin);
    });
  }
}

}  // namespace cne::gbdt
