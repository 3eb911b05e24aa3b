#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "arrays.h"
#include "core/error.h"
#include "tensor/conv.h"
#include "tensor/view.h"

using namespace cne::tensor;
using arrays::Complex;
using arrays::random;

namespace {

struct Sizes {
  int64_t batch;
  int64_t channels;
  int64_t outputs;
  Dims input;
  Dims kernel;
};

ConvParams plain(int axes) {
  const Dims ones = Dims::filled(axes, 1);
  const Dims zeros = Dims::filled(axes, 0);
  return {ones, zeros, zeros, ones, ones, 1};
}

Dims shape_of(int64_t first, int64_t second, const Dims& spatial) {
  Dims out{first, second};
  for (const int64_t each : spatial) out.push_back(each);
  return out;
}

/// Calls f(place in out, place in input, place in weight) for every product of the definition.
void each_product(const Dims& input, const Dims& weight, const Dims& out, const ConvParams& params,
                  const std::function<void(size_t, size_t, size_t)>& f) {
  const int axes = input.size() - 2;
  const auto place = [](const Dims& shape, const Dims& index) {
    int64_t at = 0;
    for (int axis = 0; axis < shape.size(); ++axis) at = at * shape[axis] + index[axis];
    return static_cast<size_t>(at);
  };
  const auto each = [](const Dims& shape, const std::function<void(const Dims&)>& g) {
    for (int64_t i = 0; i < product(shape); ++i) {
      Dims index = shape;
      int64_t rest = i;
      for (int axis = shape.size() - 1; axis >= 0; --axis) {
        index[axis] = rest % shape[axis];
        rest /= shape[axis];
      }
      g(index);
    }
  };
  each(out, [&](const Dims& o) {
    Dims w = weight;
    w[0] = 1;
    each(w, [&](const Dims& tap) {
      Dims from = o;
      const int64_t group = o[1] / (out[1] / params.groups);
      from[1] = group * weight[1] + tap[1];
      for (int axis = 0; axis < axes; ++axis) {
        const int64_t at = o[axis + 2] * params.stride[axis] +
                           tap[axis + 2] * params.kernel_dilation[axis] - params.low[axis];
        if (at < 0 || at % params.input_dilation[axis] != 0) return;
        from[axis + 2] = at / params.input_dilation[axis];
        if (from[axis + 2] >= input[axis + 2]) return;
        // What `high` cuts off is not seen.
        const int64_t end = (input[axis + 2] - 1) * params.input_dilation[axis] + params.high[axis];
        if (at > end) return;
      }
      Dims to = tap;
      to[0] = o[1];
      f(place(out, o), place(input, from), place(weight, to));
    });
  });
}

void check_close(const Array& got, const std::vector<Complex>& expected, int64_t products) {
  const Element element = got.element();
  const double tolerance =
      is_integer(element)
          ? 0
          : arrays::rounding(element) * 16 * std::sqrt(static_cast<double>(products + 1)) *
                (size_of(element) == 2 ? 1 : std::sqrt(static_cast<double>(products + 1)));
  CHECK(arrays::distance(arrays::numbers(got), expected) <= tolerance);
}

/// Small integers for integers, whose sums do not leave the range that float64 holds.
Array numbers_of(Element element, const Dims& shape, unsigned seed) {
  if (is_inexact(element)) return random(element, shape, seed);
  std::vector<Complex> values;
  for (int64_t i = 0; i < product(shape); ++i)
    values.emplace_back(static_cast<double>((i * 7 + seed) % 3));
  return arrays::of(element, shape, values);
}

void check(Element element, const Sizes& sizes, const ConvParams& params) {
  const Dims input_shape = shape_of(sizes.batch, sizes.channels, sizes.input);
  const Dims weight_shape = shape_of(sizes.outputs, sizes.channels / params.groups, sizes.kernel);
  const Array input = numbers_of(element, input_shape, 1);
  const Array weight = numbers_of(element, weight_shape, 2);
  const Array out = conv(input, weight, params);
  CAPTURE(to_string(input_shape));
  CAPTURE(to_string(weight_shape));
  CAPTURE(to_string(out.shape()));
  CHECK(out.type() == conv_type(input.type(), weight.type(), params));
  const Array gradient = numbers_of(element, out.shape(), 3);
  const auto x = arrays::numbers(input);
  const auto w = arrays::numbers(weight);
  const auto g = arrays::numbers(gradient);
  std::vector<Complex> y(static_cast<size_t>(out.size()));
  std::vector<Complex> dx(x.size());
  std::vector<Complex> dw(w.size());
  each_product(input_shape, weight_shape, out.shape(), params, [&](size_t o, size_t i, size_t t) {
    y[o] += x[i] * w[t];
    dx[i] += g[o] * w[t];
    dw[t] += g[o] * x[i];
  });
  check_close(out, y, product(weight_shape) / std::max<int64_t>(weight_shape[0], 1));
  check_close(conv_input_gradient(gradient, weight, input_shape, params), dx,
              product(weight_shape));
  check_close(conv_weight_gradient(input, gradient, weight_shape, params), dw,
              out.size() / std::max<int64_t>(out.shape()[1], 1));
}

constexpr Element kTypes[] = {Element::kFloat32, Element::kFloat64,   Element::kBFloat16,
                              Element::kFloat16, Element::kComplex64, Element::kComplex128,
                              Element::kInt8,    Element::kInt32,     Element::kUInt64};

}  // namespace

TEST_CASE("conv and its gradients agree with the definition for every type") {
  for (const Element element : kTypes) {
    CAPTURE(std::string(name_of(element)));
    ConvParams params = plain(2);
    check(element, {2, 3, 4, {7, 8}, {3, 2}}, params);
    params.low = {1, 2};
    params.high = {0, 1};
    params.stride = {2, 1};
    check(element, {2, 4, 6, {7, 8}, {3, 3}}, params);
    params.groups = 2;
    params.kernel_dilation = {1, 2};
    check(element, {2, 4, 6, {7, 8}, {3, 3}}, params);
    params.groups = 4;
    check(element, {3, 4, 8, {7, 8}, {3, 3}}, params);
    params.stride = {1, 1};
    params.input_dilation = {2, 3};
    check(element, {2, 4, 4, {4, 3}, {3, 2}}, params);
    params.groups = 1;
    check(element, {2, 4, 4, {4, 3}, {3, 2}}, params);
    params.stride = {3, 2};
    check(element, {2, 4, 4, {4, 3}, {3, 2}}, params);
  }
}

TEST_CASE("conv of one, three and more spatial axes") {
  ConvParams params = plain(1);
  check(Element::kFloat64, {3, 2, 5, {40}, {7}}, params);
  params.stride = {3};
  params.low = {2};
  params.high = {9};
  check(Element::kFloat64, {3, 2, 5, {40}, {7}}, params);
  params = plain(3);
  params.stride = {1, 2, 1};
  params.low = {1, 0, 2};
  params.high = {1, 1, 0};
  check(Element::kFloat32, {2, 4, 3, {4, 5, 6}, {2, 3, 3}}, params);
  params.groups = 2;
  params.input_dilation = {1, 2, 1};
  check(Element::kFloat64, {2, 4, 4, {3, 4, 3}, {2, 3, 3}}, params);
  check(Element::kFloat64, {1, 2, 2, {2, 2, 2, 2}, {2, 1, 2, 2}}, plain(4));
}

TEST_CASE("conv with negative padding, kernels of one place, and nothing at all") {
  ConvParams params = plain(2);
  params.low = {-2, 1};
  params.high = {1, -3};
  check(Element::kFloat64, {2, 3, 4, {9, 8}, {3, 3}}, params);
  params.stride = {2, 2};
  check(Element::kFloat64, {2, 3, 4, {9, 8}, {3, 3}}, params);
  check(Element::kFloat64, {2, 3, 4, {9, 8}, {1, 1}}, params);
  params.low = {-20, 0};
  check(Element::kFloat64, {2, 3, 4, {9, 8}, {1, 1}}, params);
  check(Element::kFloat32, {3, 8, 16, {5, 6}, {1, 1}}, plain(2));
  params = plain(2);
  params.groups = 8;
  check(Element::kFloat32, {3, 8, 8, {5, 40}, {1, 3}}, params);
  params.groups = 1;
  check(Element::kFloat32, {0, 3, 4, {9, 8}, {3, 3}}, params);
  check(Element::kFloat32, {2, 0, 4, {9, 8}, {3, 3}}, params);
  check(Element::kFloat32, {2, 3, 0, {9, 8}, {3, 3}}, params);
  check(Element::kFloat32, {2, 3, 4, {2, 8}, {3, 3}}, params);
  check(Element::kFloat32, {2, 3, 4, {0, 8}, {1, 3}}, params);
}

TEST_CASE("conv of blocks of rows, of images and of channels") {
  ConvParams params = plain(2);
  params.low = params.high = {1, 1};
  check(Element::kFloat32, {1, 3, 16, {61, 60}, {3, 3}}, params);
  check(Element::kFloat32, {19, 33, 17, {7, 7}, {3, 3}}, params);
  params.stride = {2, 2};
  check(Element::kFloat32, {9, 40, 70, {14, 14}, {3, 3}}, params);
}

TEST_CASE("conv reads arrays as they lie") {
  const Array input = random(Element::kFloat32, {2, 3, 9, 8}, 1);
  const Array weight = random(Element::kFloat32, {4, 3, 3, 3}, 2);
  const ConvParams params = plain(2);
  const auto expected = arrays::numbers(conv(input, weight, params));
  const Array channels_last = permute(copy(permute(input, {0, 2, 3, 1})), {0, 3, 1, 2});
  const Array turned = flip(copy(flip(weight, {0, 2})), {0, 2});
  CHECK(arrays::numbers(conv(channels_last, turned, params)) == expected);
}

TEST_CASE("conv says what it does not take") {
  const Array input = random(Element::kFloat32, {2, 4, 9, 8}, 1);
  const Array weight = random(Element::kFloat32, {4, 4, 3, 3}, 2);
  const auto with = [](const auto& change) {
    ConvParams out = plain(2);
    change(out);
    return out;
  };
  CHECK_THROWS_AS(conv(input, cast(weight, Element::kFloat64), plain(2)), cne::TypeError);
  CHECK_THROWS_AS(conv(input, take_one(weight, 2, 0), plain(2)), cne::ShapeError);
  CHECK_THROWS_AS(conv(take_one(take_one(input, 2, 0), 2, 0), weight, plain(2)), cne::ShapeError);
  CHECK_THROWS_AS(conv(input, weight, plain(1)), cne::ArgumentError);
  CHECK_THROWS_AS(conv(input, weight, with([](auto& p) { p.stride = {0, 1}; })),
                  cne::ArgumentError);
  CHECK_THROWS_AS(conv(input, weight, with([](auto& p) { p.groups = 0; })), cne::ArgumentError);
  CHECK_THROWS_AS(conv(input, weight, with([](auto& p) { p.groups = 2; })), cne::ShapeError);
  CHECK_THROWS_AS(conv(input, weight, with([](auto& p) { p.high[0] = int64_t{1} << 40; })),
                  cne::ArgumentError);
  CHECK_THROWS_AS(conv(input, slice_axis(weight, 2, 0, 1, 0), plain(2)), cne::ShapeError);
  CHECK_THROWS_AS(conv_input_gradient(input, weight, {2, 4, 9, 8}, plain(2)), cne::ShapeError);
  CHECK_THROWS_AS(conv_weight_gradient(input, input, {4, 4, 3, 3}, plain(2)), cne::ShapeError);
}
