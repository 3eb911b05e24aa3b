#include <doctest/doctest.h>

#include "core/dtype.h"
#include "core/error.h"
#include "gbdt/booster.h"
#include "gbdt/device_predict.h"
#include "random_model.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("a GPU's kernel predicts what the CPU predicts, for models of all kinds") {
  int linear = 0;
  for (const RandomModelOptions& options : all_kinds()) {
    const Booster booster(random_model(options), "test");
    const int64_t rows = 1 + static_cast<int64_t>(options.seed % 300);
    const std::vector<double> values = random_rows(booster.model(), rows, options.seed);
    const FeatureMatrix x =
        from_dense(values.data(), DType::kFloat64, rows, booster.width(), booster.width(), 1);
    std::vector<double> want(static_cast<size_t>(rows * booster.outputs())), got = want;
    const bool has_linear = std::any_of(booster.model().trees.begin(), booster.model().trees.end(),
                                        [](const Tree& tree) { return !tree.linear.empty(); });
    if (has_linear) {
      ++linear;
      CHECK_THROWS_AS(predict_on_device(booster, {}, x, true, -1, got.data()), UnsupportedError);
      continue;
    }
    for (const int trees : {-1, 5})
      for (const bool raw_score : {true, false}) {
        booster.predict(x, raw_score, trees, want.data());
        predict_on_device(booster, {}, x, raw_score, trees, got.data());
        REQUIRE(got == want);
      }
  }
  CHECK(linear > 0);
}
