#include "gbdt/shap.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/shap_prepared.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kRows = 32;  // that go through a tree before the next one

int64_t groups_of(int64_t rows) { return (rows + kShapRows - 1) / kShapRows; }

/// The numbers that trees compare, (groups of rows, columns); the last group is filled with zeros.
std::vector<ShapLanes> to_lanes(const Booster& booster, const FeatureMatrix& x, int64_t begin,
                                int64_t end) {
  const int64_t columns = booster.encoded_width();
  std::vector<double> block(static_cast<size_t>((end - begin) * columns));
  booster.encode_rows(x, begin, end - begin, block.data());
  std::vector<ShapLanes> out(static_cast<size_t>(groups_of(end - begin) * columns));
  for (int64_t i = 0; i < end - begin; ++i)
    for (int64_t c = 0; c < columns; ++c)
      out[i / kShapRows * columns + c].at[i % kShapRows] = block[i * columns + c];
  return out;
}

}  // namespace

void predict_contributions(const Booster& booster, const FeatureMatrix& x, int trees, double* out) {
  constexpr const char* kFunction = "predict_contributions";
  booster.check_width(x, kFunction);
  const Model& model = booster.model();
  const std::vector<std::vector<int32_t>> inputs = inputs_of_columns(model);
  const auto columns = static_cast<int64_t>(inputs.size());
  const int64_t outputs = booster.outputs();
  const int64_t width = booster.width() + 1;
  std::vector<double> expected = model.base_scores;
  std::fill(out, out + x.rows * outputs * width, 0.0);
  for_prepared(model, trees, kFunction, [&](const std::vector<ShapTree>& prepared) {
    for (const ShapTree& tree : prepared)
      for (int k = 0; k < tree.width(); ++k) expected[tree.output() + k] += tree.expected(k);
    parallel_for(x.rows, kRows, [&](int64_t begin, int64_t end) {
      const std::vector<ShapLanes> rows = to_lanes(booster, x, begin, end);
      std::vector<ShapLanes> sums(rows.size() * static_cast<size_t>(outputs));
      ShapTree::Scratch scratch;
      for (const ShapTree& tree : prepared)
        for (int64_t g = 0; g < groups_of(end - begin); ++g) {
          tree.start(&rows[g * columns], scratch);
          for (int k = 0; k < tree.width(); ++k)
            tree.add_contributions(k, scratch, &sums[(g * outputs + tree.output() + k) * columns]);
        }
      for (int64_t i = 0; i < (end - begin) * outputs; ++i) {
        const int64_t row = i / outputs;
        const ShapLanes* sum = &sums[(row / kShapRows * outputs + i % outputs) * columns];
        for (int64_t c = 0; c < columns; ++c) {
          const double share = sum[c].at[row % kShapRows] / static_cast<double>(inputs[c].size());
          for (const int32_t input : inputs[c]) out[(begin * outputs + i) * width + input] += share;
        }
      }
    });
  });
  for (int64_t i = 0; i < x.rows * outputs; ++i)
    out[i * width + width - 1] = expected[static_cast<size_t>(i % outputs)];
}

namespace {

/// One row's interactions of columns, upper half, into those of inputs, both halves.
void spread(const std::vector<ShapLanes>& pairs, int lane,
            const std::vector<std::vector<int32_t>>& inputs, double* out, int64_t width) {
  const size_t columns = inputs.size();
  for (size_t a = 0; a < columns; ++a)
    for (size_t c = a + 1; c < columns; ++c) {
      const double value = pairs[a * columns + c].at[lane];
      const double share = value / static_cast<double>(inputs[a].size() * inputs[c].size());
      for (const int32_t i : inputs[a])
        for (const int32_t j : inputs[c]) {
          out[i * width + j] += share;
          out[j * width + i] += share;
        }
    }
}

}  // namespace

void predict_interactions(const Booster& booster, const FeatureMatrix& x, int trees, double* out) {
  constexpr const char* kFunction = "predict_interactions";
  booster.check_width(x, kFunction);
  const Model& model = booster.model();
  const std::vector<std::vector<int32_t>> inputs = inputs_of_columns(model);
  const auto columns = static_cast<int64_t>(inputs.size());
  const int64_t outputs = booster.outputs();
  const int64_t width = booster.width() + 1;
  std::fill(out, out + x.rows * outputs * width * width, 0.0);
  std::vector<double> totals(static_cast<size_t>(x.rows * outputs * width));
  predict_contributions(booster, x, trees, totals.data());
  for_prepared(model, trees, kFunction, [&](const std::vector<ShapTree>& prepared) {
    parallel_for(x.rows, kShapRows, [&](int64_t begin, int64_t end) {
      const std::vector<ShapLanes> rows = to_lanes(booster, x, begin, end);
      std::vector<ShapLanes> pairs(static_cast<size_t>(columns * columns));
      ShapTree::Scratch scratch;
      for (int output = 0; output < outputs; ++output) {
        std::fill(pairs.begin(), pairs.end(), ShapLanes{});
        for (const ShapTree& tree : prepared) {
          if (output < tree.output() || output >= tree.output() + tree.width()) continue;
          tree.start(rows.data(), scratch);
          tree.add_interactions(output - tree.output(), scratch, pairs.data(), columns);
        }
        for (int64_t i = begin; i < end; ++i)
          spread(pairs, static_cast<int>(i - begin), inputs,
                 out + (i * outputs + output) * width * width, width);
      }
    });
  });
  // What a feature adds by itself is the rest of its contribution.
  for (int64_t i = 0; i < x.rows * outputs; ++i) {
    double* matrix = out + i * width * width;
    for (int64_t f = 0; f < width; ++f) {
      matrix[f * width + f] = 0;
      double sum = 0;
      for (int64_t j = 0; j < width; ++j) sum += matrix[f * width + j];
      matrix[f * width + f] = totals[i * width + f] - sum;
    }
  }
}

}  // namespace cne::gbdt
