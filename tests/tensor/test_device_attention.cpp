#include <doctest/doctest.h>

#include "core/error.h"
#include "device_attention_cases.h"

using namespace cne;
using namespace cne::tensor;

namespace {

/// The largest error of results and of logarithms, by kernels that run on the CPU.
template <typename T>
double worst_error(const AttentionCase& is, std::mt19937& random) {
  AttentionData<T> data(is, random);
  HeadsArray<T> out(is.batch, is.heads, is.queries, is.width, is.gap);
  std::fill(out.room.begin(), out.room.end(), from_float<T>(77));
  std::vector<float> logs(static_cast<size_t>(is.batch * is.heads * is.queries), 77);
  const Device device;
  device_attention(device, kElementOf<T>, data.inputs(), out.view(), logs.data());
  double worst = 0;
  for (int64_t b = 0; b < is.batch; ++b)
    for (int64_t h = 0; h < is.heads; ++h)
      for (int64_t q = 0; q < is.queries; ++q) {
        double log_sum = 0;
        const std::vector<double> weights = data.weights(b, h, q, log_sum);
        const double got = logs[static_cast<size_t>((b * is.heads + h) * is.queries + q)];
        if (got != log_sum) worst = std::max(worst, std::abs(got - log_sum));
        for (int64_t c = 0; c < is.width; ++c) {
          double want = 0;
          for (int64_t k = 0; k < is.keys; ++k)
            want += weights[static_cast<size_t>(k)] * data.value.get(b, data.group(h), k, c);
          const double error = std::abs(out.get(b, h, q, c) - want);
          worst = std::isnan(error) ? 1e9 : std::max(worst, error);
        }
      }
  for (size_t i = 0; i < out.room.size() && is.gap > 0; ++i) {  // what lies between rows is kept
    const int64_t place = static_cast<int64_t>(i) - (out.data() - out.room.data());
    if (place >= 0 && place % out.pitch >= is.width && to_float(out.room[i]) != 77) worst = 1e9;
  }
  return worst;
}

}  // namespace

TEST_CASE("a device's attention is the formula in float64") {
  std::mt19937 random(7);
  for (const AttentionCase& is : attention_cases()) {
    CAPTURE(is.queries);
    CAPTURE(is.keys);
    CAPTURE(is.depth);
    // Numbers are about 1: float32 in two parts of 11 bits, weights of 11 and of 8 bits.
    CHECK(worst_error<float>(is, random) < 1e-5);
    CHECK(worst_error<Half>(is, random) < 2e-3);
    CHECK(worst_error<BFloat16>(is, random) < 1.6e-2);
  }
}

TEST_CASE("a device's attention of infinite likeness and of large numbers") {
  std::mt19937 random(8);
  const AttentionCase is{.queries = 3, .keys = 70};
  AttentionData<float> data(is, random);
  for (int64_t c = 0; c < is.depth; ++c) data.query.at(0, 0, 1, c) *= 1000;
  HeadsArray<float> out(1, 1, 3, is.width, 0);
  std::vector<float> logs(3);
  device_attention({}, Element::kFloat32, data.inputs(), out.view(), logs.data());
  int64_t best = 0;
  double top = -1e30;
  for (int64_t k = 0; k < is.keys; ++k) {
    double dot = 0;
    for (int64_t c = 0; c < is.depth; ++c)
      dot += data.query.get(0, 0, 1, c) * data.key.get(0, 0, k, c);
    if (dot > top) best = k;
    top = std::max(top, dot);
  }
  CHECK(logs[1] == doctest::Approx(top * data.scale()).epsilon(1e-5));
  for (int64_t c = 0; c < is.width; ++c)
    CHECK(out.get(0, 0, 1, c) == doctest::Approx(data.value.get(0, 0, best, c)).epsilon(1e-4));
}

TEST_CASE("a device's attention tells what does not fit") {
  std::mt19937 random(9);
  AttentionData<float> data({.heads = 3}, random);
  const Device device;
  AttentionInputs wrong = data.inputs();
  CHECK_THROWS_WITH_AS(device_attention(device, Element::kInt8, wrong, {}, nullptr),
                       "attention: expected float32, float16 or bfloat16, got int8", TypeError);
  wrong.groups = 2;
  CHECK_THROWS_AS(device_attention(device, Element::kFloat32, wrong, {}, nullptr), ShapeError);
  wrong.groups = 1;
  wrong.depth = 257;
  CHECK_THROWS_WITH_AS(device_attention(device, Element::kFloat32, wrong, {}, nullptr),
                       "attention: expected heads that are a multiple of groups, and columns of at "
                       "most 256, got 3 and 1, 257 and 64",
                       ShapeError);
}
