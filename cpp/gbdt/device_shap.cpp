#include "gbdt/device_shap.h"

#include <algorithm>

#include "core/parallel.h"
#include "gbdt/booster.h"
#include "gbdt/shap_prepared.h"

namespace cne::gbdt {

namespace {

constexpr const char* kFunction = "predict_contributions";
constexpr int64_t kMostLanes = 1 << 16;
constexpr int64_t kLaneMemory = 512 << 20;  // bytes, of what threads keep
constexpr int64_t kGrain = 256;

/// Some trees, prepared and on the device.
class Batch {
 public:
  Batch(const DeviceQueue& queue, const Model& model, size_t first,
        const std::vector<ShapTree>& prepared) {
    const ForestLayout forest = lay_out(model, first, first + prepared.size(), kFunction);
    std::vector<DeviceShapPart> parts;
    std::vector<ShapStep> steps;
    std::vector<ShapFactors> factors;
    for (size_t t = 0; t < prepared.size(); ++t) {
      edges_ = std::max<int64_t>(edges_, prepared[t].edges());
      for (const ShapTree::Part& part : prepared[t].parts()) {
        parts.push_back({std::ssize(steps), std::ssize(part.steps), std::ssize(factors),
                         part.points, static_cast<int32_t>(t)});
        steps.insert(steps.end(), part.steps.begin(), part.steps.end());
        factors.insert(factors.end(), part.factors.begin(), part.factors.end());
        numbers_ = std::max<int64_t>(numbers_, int64_t{part.depth + 1} * part.points);
      }
    }
    kernel_.part_count = static_cast<int>(parts.size());
    kernel_.parts = keep(queue, parts, parts_);
    kernel_.steps = keep(queue, steps, steps_);
    kernel_.factors = keep(queue, factors, factors_);
    kernel_.nodes = keep(queue, forest.nodes, nodes_);
    kernel_.trees = keep(queue, forest.trees, trees_);
    kernel_.values = keep(queue, forest.values, values_);
    kernel_.sets = keep(queue, forest.sets, sets_);
  }

  const AddContributions& kernel() const { return kernel_; }
  int64_t edges() const { return edges_; }
  int64_t numbers() const { return numbers_; }  // by depth and point

 private:
  template <typename T>
  static const T* keep(const DeviceQueue& queue, const std::vector<T>& from, DeviceArray<T>& to) {
    to.upload(queue, from.data(), std::ssize(from));
    return to.data();
  }

  AddContributions kernel_{};
  int64_t edges_ = 0;
  int64_t numbers_ = 0;
  DeviceArray<DeviceShapPart> parts_;
  DeviceArray<ShapStep> steps_;
  DeviceArray<ShapFactors> factors_;
  DeviceArray<ForestNode> nodes_;
  DeviceArray<ForestTree> trees_;
  DeviceArray<double> values_;
  DeviceArray<uint64_t> sets_;
};

/// The numbers of rows [first, first + count) that trees compare, by columns of `lanes`.
std::vector<double> numbers_by_column(const Booster& booster, const FeatureMatrix& x, int64_t first,
                                      int64_t count, int64_t lanes) {
  const int64_t columns = booster.encoded_width();
  std::vector<double> out(static_cast<size_t>(columns * lanes));
  parallel_for(count, kGrain, [&](int64_t begin, int64_t end) {
    std::vector<double> rows(static_cast<size_t>((end - begin) * columns));
    booster.encode_rows(x, first + begin, end - begin, rows.data());
    for (int64_t i = begin; i < end; ++i)
      for (int64_t c = 0; c < columns; ++c) out[c * lanes + i] = rows[(i - begin) * columns + c];
  });
  return out;
}

}  // namespace

void contributions_on_device(const Booster& booster, Device device, const FeatureMatrix& x,
                             int trees, double* out) {
  booster.check_width(x, kFunction);
  const Model& model = booster.model();
  const std::vector<std::vector<int32_t>> inputs = inputs_of_columns(model);
  const int64_t columns = std::ssize(inputs);
  const int64_t outputs = booster.outputs();
  const int64_t width = booster.width() + 1;
  const DeviceQueue queue(device, kFunction);
  std::vector<double> expected = model.base_scores;
  std::fill(out, out + x.rows * outputs * width, 0.0);
  size_t first_tree = 0;
  for_prepared(model, trees, kFunction, [&](const std::vector<ShapTree>& prepared) {
    for (const ShapTree& tree : prepared)
      for (int k = 0; k < tree.width(); ++k) expected[tree.output() + k] += tree.expected(k);
    const Batch batch(queue, model, first_tree, prepared);
    first_tree += prepared.size();
    const int64_t lane_bytes = batch.edges() + 16 * batch.numbers() + 8 * (outputs + 1) * columns;
    const int64_t lanes = std::clamp<int64_t>(kLaneMemory / lane_bytes, 1,
                                              std::max<int64_t>(1, std::min(x.rows, kMostLanes)));
    DeviceArray<double> numbers(queue, columns * lanes);
    DeviceArray<uint8_t> hot(queue, batch.edges() * lanes);
    DeviceArray<double> products(queue, batch.numbers() * lanes);
    DeviceArray<double> node_sums(queue, batch.numbers() * lanes);
    DeviceArray<double> sums(queue, outputs * columns * lanes);
    std::vector<double> found(static_cast<size_t>(outputs * columns * lanes));
    AddContributions kernel = batch.kernel();
    kernel.numbers = numbers.data();
    kernel.columns = static_cast<int>(columns);
    kernel.lanes = lanes;
    kernel.hot = hot.data();
    kernel.products = products.data();
    kernel.node_sums = node_sums.data();
    kernel.sums = sums.data();
    for (int64_t first = 0; first < x.rows; first += lanes) {
      kernel.rows = std::min(lanes, x.rows - first);
      const std::vector<double> rows = numbers_by_column(booster, x, first, kernel.rows, lanes);
      queue.upload(rows.data(), rows.size() * sizeof(double), numbers.data());
      queue.clear(sums.data(), found.size() * sizeof(double));
      cne::run(queue, kernel,
               {(kernel.rows + AddContributions::kThreads - 1) / AddContributions::kThreads, 1});
      queue.download(sums.data(), found.size() * sizeof(double), found.data());
      parallel_for(kernel.rows, kGrain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          for (int64_t k = 0; k < outputs; ++k)
            for (int64_t c = 0; c < columns; ++c) {
              const double share =
                  found[(k * columns + c) * lanes + i] / static_cast<double>(inputs[c].size());
              for (const int32_t input : inputs[c])
                out[((first + i) * outputs + k) * width + input] += share;
            }
      });
    }
  });
  for (int64_t i = 0; i < x.rows * outputs; ++i)
    out[i * width + width - 1] = expected[static_cast<size_t>(i % outputs)];
}

}  // namespace cne::gbdt
