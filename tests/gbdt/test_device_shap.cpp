#include <doctest/doctest.h>

#include "core/dtype.h"
#include "gbdt/device_shap.h"
#include "gbdt/shap.h"
#include "random_model.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("contributions of a GPU's kernel are those of the CPU, for models of all kinds") {
  for (RandomModelOptions options : all_kinds()) {
    if (options.linear) continue;
    options.leaves = 1 + static_cast<int>(options.seed % 60);
    const Booster booster(random_model(options), "test");
    const int64_t rows = 1 + static_cast<int64_t>(options.seed % 150);
    const std::vector<double> values = random_rows(booster.model(), rows, options.seed);
    const FeatureMatrix x =
        from_dense(values.data(), DType::kFloat64, rows, booster.width(), booster.width(), 1);
    std::vector<double> want(static_cast<size_t>(rows * booster.outputs() * (booster.width() + 1)));
    std::vector<double> got(want.size(), -1);
    for (const int trees : {-1, 3}) {
      predict_contributions(booster, x, trees, want.data());
      contributions_on_device(booster, {}, x, trees, got.data());
      REQUIRE(got == want);
    }
  }
}

TEST_CASE("trees that are prepared in several batches, one of which has many points") {
  RandomModelOptions options;
  options.inputs = 70;
  options.leaves = 4000;
  options.trees = 15;
  const Booster booster(random_model(options), "test");
  const std::vector<double> values = random_rows(booster.model(), 20, 9);
  const FeatureMatrix x = from_dense(values.data(), DType::kFloat64, 20, 70, 70, 1);
  std::vector<double> want(20 * 71), got(20 * 71);
  predict_contributions(booster, x, -1, want.data());
  contributions_on_device(booster, {}, x, -1, got.data());
  CHECK(got == want);
}
