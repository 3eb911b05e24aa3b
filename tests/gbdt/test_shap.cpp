// Contributions of random models of all kinds against Shapley's formula over all subsets.

#include <cmath>

#include "core/error.h"
#include "doctest/doctest.h"
#include "gbdt/gauss_legendre.h"
#include "gbdt/random_model.h"
#include "gbdt/shap.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

double cover(const Tree& tree, int child) {
  return static_cast<double>(child < 0 ? tree.leaf_rows[~child] : tree.nodes[child].rows);
}

/// What a tree answers on average when the columns of `known` are known.
double expectation(const Tree& tree, int at, int k, const double* row, uint32_t known) {
  if (at < 0) return tree.leaf_values[~at * tree.width + k];
  const TreeNode& node = tree.nodes[at];
  if (known >> node.feature & 1)
    return expectation(tree, tree.goes_left(node, row[node.feature]) ? node.left : node.right, k,
                       row, known);
  const double left = cover(tree, node.left);
  const double right = cover(tree, node.right);
  return (left * expectation(tree, node.left, k, row, known) +
          right * expectation(tree, node.right, k, row, known)) /
         (left + right);
}

double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

/// By column, for one output.
std::vector<double> shapley(const Model& model, const double* row, int output) {
  const int columns = static_cast<int>(model.features.size() + model.derived.size());
  std::vector<double> games(size_t{1} << columns);
  for (uint32_t known = 0; known < games.size(); ++known)
    for (const Tree& tree : model.trees)
      if (output >= tree.output && output < tree.output + tree.width)
        games[known] +=
            expectation(tree, tree.nodes.empty() ? ~0 : 0, output - tree.output, row, known);
  std::vector<double> out;
  for (int i = 0; i < columns; ++i) {
    double sum = 0;
    for (uint32_t known = 0; known < games.size(); ++known) {
      if (known >> i & 1) continue;
      const int s = __builtin_popcount(known);
      sum += factorial(s) * factorial(columns - s - 1) / factorial(columns) *
             (games[known | 1u << i] - games[known]);
    }
    out.push_back(sum);
  }
  out.push_back(model.base_scores[output] + games[0]);
  return out;
}

void check_model(const RandomModelOptions& options) {
  CAPTURE(options.seed);
  const Booster booster(random_model(options), "test");
  const Model& model = booster.model();
  const int width = booster.width();
  constexpr int64_t kRows = 3;
  const std::vector<double> x = random_rows(model, kRows, 5);
  const FeatureMatrix matrix =
      from_dense(x.data(), DType::kFloat64, kRows, width, int64_t{8} * width, 8);
  std::vector<double> encoded(static_cast<size_t>(kRows * booster.encoded_width()));
  booster.encode_rows(matrix, 0, kRows, encoded.data());
  std::vector<double> got(static_cast<size_t>(kRows * options.outputs * (width + 1)));
  predict_contributions(booster, matrix, -1, got.data());
  std::vector<double> pairs(got.size() * static_cast<size_t>(width + 1));
  predict_interactions(booster, matrix, -1, pairs.data());
  for (int64_t i = 0; i < kRows; ++i)
    for (int k = 0; k < options.outputs; ++k) {
      const std::vector<double> columns = shapley(model, &encoded[i * booster.encoded_width()], k);
      std::vector<double> expected(static_cast<size_t>(width) + 1);
      for (int f = 0; f < width; ++f) expected[f] = columns[f];
      expected[width] = columns.back();
      for (size_t d = 0; d < model.derived.size(); ++d) {
        const std::vector<int32_t> inputs = inputs_of(model.derived[d]);
        for (const int32_t input : inputs)
          expected[input] += columns[width + d] / static_cast<double>(inputs.size());
      }
      const double* row = &got[(i * options.outputs + k) * (width + 1)];
      const double* matrix_row = &pairs[(i * options.outputs + k) * (width + 1) * (width + 1)];
      for (int f = 0; f <= width; ++f) {
        CHECK(std::abs(row[f] - expected[f]) < 1e-12);
        double sum = 0;
        for (int j = 0; j <= width; ++j) sum += matrix_row[f * (width + 1) + j];
        CHECK(std::abs(sum - expected[f]) < 1e-12);
      }
    }
}

}  // namespace

TEST_CASE("shap: random models of all kinds give what the formula says") {
  int kinds = 0;
  for (RandomModelOptions options : all_kinds()) {
    if (options.linear || options.float32_sums) continue;
    options.trees = 4;
    check_model(options);
    ++kinds;
  }
  CHECK(kinds > 10);
}

TEST_CASE("shap: linear leaves are refused") {
  RandomModelOptions options;
  options.linear = true;
  const Booster booster(random_model(options), "test");
  const std::vector<double> x = random_rows(booster.model(), 2, 1);
  const FeatureMatrix matrix =
      from_dense(x.data(), DType::kFloat64, 2, booster.width(), int64_t{8} * booster.width(), 8);
  std::vector<double> out(static_cast<size_t>(2 * (booster.width() + 1)));
  CHECK_THROWS_WITH_AS(predict_contributions(booster, matrix, -1, out.data()),
                       doctest::Contains("predict_contributions: linear leaves"), UnsupportedError);
}

TEST_CASE("gauss_legendre: powers are integrated exactly") {
  for (const int count : {1, 2, 8, 16, 24}) {
    const GaussLegendre sum(count);
    REQUIRE(sum.points.size() == static_cast<size_t>(count));
    for (int power = 0; power < 2 * count; ++power) {
      double integral = 0;
      for (int i = 0; i < count; ++i) integral += sum.weights[i] * std::pow(sum.points[i], power);
      CHECK(std::abs(integral - 1.0 / (power + 1)) < 1e-14);
    }
  }
}
