// Prediction in every layout against the plain walk over the trees as data, bit for bit.

#include <cstring>
#include <type_traits>

#include "core/error.h"
#include "doctest/doctest.h"
#include "gbdt/booster.h"
#include "gbdt/model_file.h"
#include "gbdt/predict_kernel.h"
#include "gbdt/predict_search.h"
#include "gbdt/random_model.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

/// The row as trees see it: inputs encoded, derived features looked up by a search of all keys.
std::vector<double> plain_row(const Model& model, const double* row) {
  std::vector<double> out;
  for (size_t f = 0; f < model.features.size(); ++f) {
    const double x =
        model.float32_inputs ? static_cast<double>(static_cast<float>(row[f])) : row[f];
    out.push_back(model.features[f].encode(x));
  }
  for (const DerivedFeature& derived : model.derived) {
    uint64_t key = 0;
    bool known = true;
    for (const DerivedSource& source : derived.sources) {
      const double x = out[source.feature];
      if (std::isnan(x)) {
        known &= source.missing.has_value();
        key = add_to_key(key, source.missing.value_or(0));
      } else if (source.parts.empty()) {
        key = add_to_key(key, x > source.border ? 1 : 0);
      } else if (x < 0) {
        known &= source.unknown.has_value();
        key = add_to_key(key, source.unknown.value_or(0));
      } else {
        key = add_to_key(key, source.parts[static_cast<size_t>(x)]);
      }
    }
    const auto found = std::find(derived.keys.begin(), derived.keys.end(), key);
    out.push_back(known && found != derived.keys.end()
                      ? derived.values[found - derived.keys.begin()]
                      : derived.fallback);
  }
  return out;
}

std::vector<double> plain_scores(const Model& model, const double* row, size_t trees) {
  const std::vector<double> x = plain_row(model, row);
  const auto value = [&](int feature) { return x[feature]; };
  std::vector<double> out = model.base_scores;
  if (model.float32_sums)
    for (double& score : out) score = static_cast<float>(score);
  for (size_t t = 0; t < std::min(trees, model.trees.size()); ++t) {
    const Tree& tree = model.trees[t];
    const int leaf = tree.find_leaf(value);
    for (int k = 0; k < tree.width; ++k) {
      double& score = out[tree.output + k];
      const double term = tree.leaf_value(leaf, k, value);
      score =
          model.float32_sums ? static_cast<float>(score) + static_cast<float>(term) : score + term;
    }
  }
  return out;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

std::vector<double> predict_all(const Booster& booster, const FeatureMatrix& x, int trees = -1) {
  std::vector<double> out(static_cast<size_t>(x.rows * booster.outputs()));
  booster.predict(x, true, trees, out.data());
  return out;
}

/// Batches by rows and by columns, of 64 and 32 bits, row by row, leaves, against the plain walk.
void check_model(const Model& model, int64_t rows) {
  const Booster booster(deserialize(serialize(model), "test"), "test");  // and back from a file
  const int width = booster.width();
  std::vector<double> x = random_rows(model, rows, 99);
  for (const bool single : {false, true}) {
    std::vector<float> floats(x.begin(), x.end());
    if (single) x.assign(floats.begin(), floats.end());
    std::vector<double> expected;
    std::vector<double> by_row;
    for (int64_t i = 0; i < rows; ++i) {
      const std::vector<double> scores = plain_scores(model, &x[i * width], model.trees.size());
      expected.insert(expected.end(), scores.begin(), scores.end());
      std::vector<double> one(scores.size());
      booster.predict_row(&x[i * width], true, one.data());
      by_row.insert(by_row.end(), one.begin(), one.end());
    }
    CHECK(same_bits(by_row, expected));
    const void* data = single ? static_cast<const void*>(floats.data()) : x.data();
    const DType type = single ? DType::kFloat32 : DType::kFloat64;
    const int64_t size = single ? 4 : 8;
    CHECK(same_bits(predict_all(booster, from_dense(data, type, rows, width, size * width, size)),
                    expected));
    std::vector<double> turned(x.size());
    for (int64_t i = 0; i < rows; ++i)
      for (int j = 0; j < width; ++j) turned[j * rows + i] = x[i * width + j];
    const FeatureMatrix columns =
        from_dense(turned.data(), DType::kFloat64, rows, width, 8, 8 * rows);
    CHECK(same_bits(predict_all(booster, columns), expected));
    std::vector<int32_t> leaves(static_cast<size_t>(rows) * model.trees.size());
    booster.predict_leaves(columns, leaves.data());
    bool same = true;
    for (int64_t i = 0; i < rows; ++i) {
      const std::vector<double> row = plain_row(model, &x[i * width]);
      for (size_t t = 0; t < model.trees.size(); ++t)
        same &= leaves[i * model.trees.size() + t] ==
                model.trees[t].find_leaf([&](int feature) { return row[feature]; });
    }
    CHECK(same);
  }
}

}  // namespace

TEST_CASE("predict: models of all kinds give the bits of the plain walk") {
  for (const RandomModelOptions& options : all_kinds()) {
    CAPTURE(options.seed);
    check_model(random_model(options), 67);
  }
}

TEST_CASE("predict: edges: no rows, no trees, stumps, many rows, few of the trees") {
  RandomModelOptions options;
  options.categorical = options.derived = true;
  options.outputs = 2;
  for (const int trees : {0, 1, 40})
    for (const int leaves : {1, 2, 64}) {
      options.trees = trees;
      options.leaves = leaves;
      for (const int64_t rows : {0, 1, 15, 16, 1500}) check_model(random_model(options), rows);
    }
  const Model model = random_model(options);
  const Booster booster(Model(model), "test");
  const std::vector<double> x = random_rows(model, 50, 3);
  const FeatureMatrix matrix =
      from_dense(x.data(), DType::kFloat64, 50, booster.width(), int64_t{8} * booster.width(), 8);
  for (const int trees : {0, 1, 39, 40, 41}) {
    std::vector<double> expected;
    for (int64_t i = 0; i < 50; ++i)
      for (const double s : plain_scores(model, &x[i * booster.width()], trees))
        expected.push_back(s);
    CHECK(same_bits(predict_all(booster, matrix, trees), expected));
  }
}

TEST_CASE("predict: many thresholds, many categories, large trees") {
  RandomModelOptions options;
  options.inputs = 4;
  options.trees = 60;
  options.leaves = 100;
  options.fine = options.categorical = true;
  options.categories = 1600;  // several columns for both
  check_model(random_model(options), 600);
  options.categories = 509;  // just one, and just not
  check_model(random_model(options), 100);
  options.categories = 510;
  check_model(random_model(options), 100);
  for (const bool categorical : {false, true})
    for (const bool float32 : {false, true}) {
      options.categorical = categorical;
      options.float32_sums = float32;
      options.trees = 5;
      options.leaves = 600;
      check_model(random_model(options), 70);
    }
  options.symmetric = options.categorical = true;
  options.leaves = 64;
  for (const int categories : {509, 1600}) {
    options.categories = categories;
    check_model(random_model(options), 100);
  }
  options.symmetric = false;
  options.inputs = 600;  // more than what one row has lanes or a stack for
  options.leaves = 30;
  check_model(random_model(options), 20);
}

TEST_CASE("predict: both kernels find the same regions and sums") {
  if (!has_wide()) return;
  Random random(5);
  constexpr int kColumns = 6;
  std::vector<uint8_t> codes(kColumns * kCodeRows);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(random.bits());
  for (int i = 0; i < kCodeRows; ++i) {  // byte and bit of a category
    codes[(kColumns - 2) * kCodeRows + i] &= 63;
    codes[(kColumns - 1) * kCodeRows + i] = static_cast<uint8_t>(1 << random.below(8));
  }
  std::vector<uint8_t> parts(64 * 255);
  for (uint8_t& part : parts) part = static_cast<uint8_t>(random.bits());
  for (const int count : {0, 1, 7, 15, 31, 63, 64, 200, 254})
    for (const bool symmetric : {false, true})
      for (const int rows : {1, 63, 64, 65, 130, 200, 448, 512}) {
        if (symmetric && count > 7) continue;
        std::vector<Cut> cuts;
        for (int c = 0; c < count; ++c)
          cuts.push_back({static_cast<uint32_t>(random.below(kColumns - 2)),
                          static_cast<uint8_t>(random.bits()),
                          static_cast<uint8_t>(random.below(c + 1)),
                          static_cast<uint8_t>(symmetric ? 1 << c : c + 1), random.chance(0.3)});
        for (Cut& cut : cuts)
          if (cut.categorical) cut.column = kColumns - 2;
        std::vector<uint8_t> one(kCodeRows), two(kCodeRows);
        plain::find_regions(cuts.data(), count, symmetric, parts.data(), codes.data(), rows,
                            one.data());
        wide::find_regions(cuts.data(), count, symmetric, parts.data(), codes.data(), rows,
                           two.data());
        CHECK(std::equal(one.begin(), one.begin() + rows, two.begin()));
        const int padded = count < 16 ? 16 : count < 32 ? 32 : count < 64 ? 64 : 256;
        std::vector<double> values(static_cast<size_t>(padded));
        for (double& value : values) value = random.unit();
        const std::vector<float> floats(values.begin(), values.end());
        for (uint8_t& at : two) at = static_cast<uint8_t>(at % padded);
        std::vector<double> sums[2] = {std::vector<double>(kCodeRows, 1), {}};
        std::vector<float> sums32[2] = {std::vector<float>(kCodeRows, 1), {}};
        sums[1] = sums[0], sums32[1] = sums32[0];
        plain::add_values(values.data(), padded, two.data(), rows, sums[0].data());
        wide::add_values(values.data(), padded, two.data(), rows, sums[1].data());
        plain::add_values(floats.data(), padded, two.data(), rows, sums32[0].data());
        wide::add_values(floats.data(), padded, two.data(), rows, sums32[1].data());
        CHECK(std::equal(sums[0].begin(), sums[0].begin() + rows, sums[1].begin()));
        CHECK(std::equal(sums32[0].begin(), sums32[0].begin() + rows, sums32[1].begin()));
      }
}

TEST_CASE("predict: codes count the bounds below") {
  Random random(8);
  const auto check = [&](auto zero, int known) {
    using T = decltype(zero);
    std::vector<T> bounds;
    for (int i = 0; i < known; ++i) bounds.push_back(static_cast<T>(random.unit() - 0.5));
    bounds.resize(256, std::numeric_limits<T>::infinity());
    std::sort(bounds.begin(), bounds.end());
    for (const int count : {1, 16, 100, 128}) {
      std::vector<T> values;
      for (int i = 0; i < 128; ++i)
        values.push_back(random.chance(0.5) ? bounds[random.below(256)]
                                            : static_cast<T>(random.unit() - 0.5));
      values[0] = std::numeric_limits<T>::quiet_NaN();
      values[count / 2] = -std::numeric_limits<T>::infinity();
      std::vector<uint8_t> one(128), two(128);
      find_codes(bounds.data(), values.data(), count, one.data());
      if constexpr (std::is_same_v<T, float>)
        find_codes_plain(bounds.data(), values.data(), count, two.data());
      else
        two = one;
      for (int i = 0; i < count; ++i) {
        const auto below =
            std::count_if(bounds.begin(), bounds.end(), [&](T bound) { return bound < values[i]; });
        CHECK(one[i] == below);
        CHECK(two[i] == below);
      }
    }
  };
  for (const int known : {0, 1, 2, 31, 128, 254, 255}) {
    check(0.0, known);
    check(0.0F, known);
  }
}

TEST_CASE("model: parts that do not fit are refused") {
  RandomModelOptions options;
  options.categorical = options.derived = options.linear = true;
  const Model good = random_model(options);
  good.check("test");
  const auto refused = [&](const auto& change) {
    Model model = good;
    change(model);
    CHECK_THROWS_AS(Booster(std::move(model), "test"), CorruptionError);
  };
  refused([](Model& m) { m.derived[0].sources.clear(); });
  refused([](Model& m) { m.derived[0].keys.pop_back(); });
  refused([](Model& m) { std::swap(m.derived[0].keys[0], m.derived[0].keys[1]); });
  refused([](Model& m) { m.derived[0].sources[0].feature = 6; });
  refused([](Model& m) { m.derived[0].sources[0].parts.push_back(1); });
  refused([](Model& m) { m.derived.pop_back(); });
  refused([](Model& m) { m.features[1].categorical = false; });
  refused([](Model& m) { m.features[0].categorical = true; });
  refused([](Model& m) { m.trees[0].output = 1; });
  refused([](Model& m) {
    for (Tree& tree : m.trees)
      for (int32_t& feature : tree.linear.features) feature = 1;
  });
}
