#include "tensor/conv.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/conv_window.h"
#include "tensor/cuda_conv.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/pad.h"
#include "tensor/value_ops.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// So many spatial axes at most, and so large numbers, that no product overflows.
constexpr int kMostAxes = 6;
constexpr int64_t kMost = int64_t{1} << 31;

void check_params(const ConvParams& params, int axes, const char* function) {
  const auto check = [&](const Dims& dims, int64_t least, const char* what) {
    if (dims.size() != axes)
      throw ArgumentError(message(function, ": expected ", what, " of ", axes,
                                  " spatial axes, got ", to_string(dims)));
    for (const int64_t each : dims)
      if (each < least || each > kMost)
        throw ArgumentError(message(function, ": expected ", what, " from ", least, " to ", kMost,
                                    ", got ", to_string(dims)));
  };
  check(params.stride, 1, "strides");
  check(params.low, -kMost, "padding");
  check(params.high, -kMost, "padding");
  check(params.kernel_dilation, 1, "dilations of the kernel");
  check(params.input_dilation, 1, "dilations of the input");
  if (params.groups < 1)
    throw ArgumentError(message(function, ": expected groups of at least 1, got ", params.groups));
}

[[noreturn]] void throw_shapes(const Type& input, const Type& weight, const char* expected,
                               const char* function) {
  throw ShapeError(message(function, ": expected ", expected, ", got the shapes ",
                           to_string(input.shape), " and ", to_string(weight.shape)));
}

Dims spatial(const Dims& shape) {
  Dims out;
  for (int axis = 2; axis < shape.size(); ++axis) out.push_back(shape[axis]);
  return out;
}

Dims with_spatial(int64_t first, int64_t second, const Dims& spatial) {
  Dims out{first, second};
  for (const int64_t each : spatial) out.push_back(each);
  return out;
}

bool is_half(Element element) {
  return element == Element::kFloat16 || element == Element::kBFloat16;
}

bool is_plain(const Dims& dims) {
  return std::all_of(dims.begin(), dims.end(), [](int64_t each) { return each == 1; });
}

/// The images that windows reach: padded, or cut.
Array images_of(const Array& input, const ConvShape& shape, const ConvParams& params) {
  Dims low{0, 0};
  Dims high{0, 0};
  Dims interior{0, 0};
  for (int axis = 0; axis < shape.axes(); ++axis) {
    const int64_t step = params.input_dilation[axis];
    low.push_back(params.low[axis]);
    interior.push_back(step - 1);
    high.push_back(shape.image[axis] - params.low[axis] - dilated(input.shape()[axis + 2], step));
  }
  const Dims none = Dims::filled(input.rank(), 0);
  if (low == none && high == none && interior == none) return contiguous(input);
  return pad(input, number(0, input.element()), low, high, interior);
}

/// Weight (groups outputs, channels, kernel) as (groups channels, outputs, kernel), turned around
/// along the spatial axes: that of the gradient by the input.
Array turned(const Array& weight, int64_t groups) {
  Dims split = weight.shape();
  split[0] /= groups;
  split.insert(0, groups);
  Dims axes = Dims::range(0, split.size());
  std::swap(axes[1], axes[2]);
  Dims merged = weight.shape();
  merged[0] = weight.shape()[1] * groups;
  merged[1] = weight.shape()[0] / groups;
  const Array exchanged = permute(reshape(weight, split), axes);
  return flip(reshape(exchanged, merged), Dims::range(2, weight.rank()));
}

/// Parameters of the convolution with a turned weight that gives the gradient by the input.
ConvParams turned(const ConvParams& params, const Dims& input, const Dims& weight,
                  const Dims& output) {
  ConvParams out = params;
  out.stride = params.input_dilation;
  out.input_dilation = params.stride;
  for (int axis = 0; axis < params.stride.size(); ++axis) {
    const int64_t reach = dilated(weight[axis + 2], params.kernel_dilation[axis]) - 1;
    out.low[axis] = reach - params.low[axis];
    out.high[axis] = dilated(input[axis + 2], params.input_dilation[axis]) + params.low[axis] -
                     dilated(output[axis + 2], params.stride[axis]);
  }
  return out;
}

/// By windows over padded images.
Array by_windows(const Array& input, const Array& weight, const ConvParams& params,
                 const Dims& output) {
  Array out = Array::empty({input.element(), output, {}});
  const ConvShape shape = conv_shape(input.shape(), weight.shape(), output, params);
  const Array images = images_of(input, shape, params);
  (is_depthwise(shape) ? depthwise_forward : conv_forward)(shape, images, contiguous(weight), out);
  return out;
}

/// The gradient by the input, where that has no dilation: what each place of the output gives to
/// those of its window.
Array by_scatter(const Array& gradient, const Array& weight, const ConvParams& params,
                 const Dims& input) {
  const ConvShape shape = conv_shape(input, weight.shape(), gradient.shape(), params);
  Array images =
      Array::zeros({gradient.element(), with_spatial(input[0], input[1], shape.image), {}});
  const auto scatter = is_depthwise(shape) ? depthwise_scatter : conv_scatter;
  scatter(shape, contiguous(gradient), contiguous(weight), images);
  Dims low{0, 0};
  Dims high{0, 0};
  for (int axis = 0; axis < shape.axes(); ++axis) {
    low.push_back(-params.low[axis]);
    high.push_back(input[axis + 2] + params.low[axis] - shape.image[axis]);
  }
  const Dims none = Dims::filled(low.size(), 0);
  if (low == none && high == none) return images;
  return pad(images, number(0, images.element()), low, high, none);
}

void check_gradient(const Type& input, const Type& weight, const Type& gradient,
                    const ConvParams& params, const char* function) {
  const Type expected = conv_type(input, weight, params, function);
  if (expected != gradient)
    throw ShapeError(message(function, ": expected a gradient of ", to_string(expected), ", got ",
                             to_string(gradient)));
}

}  // namespace

Type conv_type(const Type& input, const Type& weight, const ConvParams& params,
               const char* function) {
  if (input.element != weight.element || input.element == Element::kBool)
    throw TypeError(message(function, ": expected numbers of one type, got ", to_string(input),
                            " and ", to_string(weight)));
  const int axes = input.shape.size() - 2;
  if (axes < 1 || axes > kMostAxes || weight.shape.size() != axes + 2)
    throw_shapes(input, weight, "batches, channels and one to six spatial axes", function);
  check_params(params, axes, function);
  const int64_t groups = params.groups;
  if (input.shape[1] % groups != 0 || weight.shape[0] % groups != 0 ||
      input.shape[1] / groups != weight.shape[1])
    throw_shapes(input, weight,
                 message("channels of ", groups, " groups, as many as the weight has").c_str(),
                 function);
  Type out = input;
  out.shape[1] = weight.shape[0];
  for (int axis = 0; axis < axes; ++axis) {
    const int64_t extent = input.shape[axis + 2];
    const int64_t kernel = weight.shape[axis + 2];
    if (extent > kMost || kernel > kMost || kernel < 1)
      throw_shapes(input, weight, "kernels of at least one place, and no extents over 2^31",
                   function);
    const int64_t room = dilated(extent, params.input_dilation[axis]) + params.low[axis] +
                         params.high[axis] - dilated(kernel, params.kernel_dilation[axis]);
    out.shape[axis + 2] = room < 0 ? 0 : room / params.stride[axis] + 1;
  }
  check_shape(out.shape, out.element, function);
  return out;
}

ConvShape conv_shape(const Dims& input, const Dims& weight, const Dims& output,
                     const ConvParams& params) {
  ConvShape out{};
  out.batch = input[0];
  out.groups = params.groups;
  out.channels = weight[1];
  out.outputs = weight[0] / params.groups;
  out.kernel = spatial(weight);
  out.output = spatial(output);
  out.stride = params.stride;
  out.dilation = params.kernel_dilation;
  for (int axis = 0; axis < out.kernel.size(); ++axis)
    out.image.push_back((out.output[axis] - 1) * params.stride[axis] +
                        dilated(out.kernel[axis], params.kernel_dilation[axis]));
  out.taps = product(out.kernel);
  out.pixels = product(out.output);
  out.plane = product(out.image);
  return out;
}

Array conv(const Array& input, const Array& weight, const ConvParams& params) {
  const Type type = conv_type(input.type(), weight.type(), params);
  if (is_on_device(input) || is_on_device(weight)) return conv_on_cuda(input, weight, params);
  if (type.size() == 0 || weight.size() == 0 || input.size() == 0) return Array::zeros(type);
  if (!is_plain(params.input_dilation) && is_plain(params.stride)) {
    // Zeros between neighbours need not be multiplied.
    const ConvParams of = turned(params, input.shape(), weight.shape(), type.shape);
    const Array other = turned(weight, params.groups);
    return conv_input_gradient(input, other, type.shape, of);
  }
  return by_windows(input, weight, params, type.shape);
}

Array conv_input_gradient(const Array& gradient, const Array& weight, const Dims& input_shape,
                          const ConvParams& params) {
  const Type type{gradient.element(), input_shape, gradient.device()};
  check_gradient(type, weight.type(), gradient.type(), params, "conv_input_gradient");
  if (is_on_device(gradient) || is_on_device(weight))
    return conv_on_cuda(gradient, turned(weight, params.groups),
                        turned(params, input_shape, weight.shape(), gradient.shape()));
  if (type.size() == 0 || weight.size() == 0 || gradient.size() == 0) return Array::zeros(type);
  if (!is_plain(params.input_dilation))
    return by_windows(gradient, turned(weight, params.groups),
                      turned(params, input_shape, weight.shape(), gradient.shape()), input_shape);
  if (!is_half(gradient.element())) return by_scatter(gradient, weight, params, input_shape);
  const Array wide = by_scatter(cast(gradient, Element::kFloat32), cast(weight, Element::kFloat32),
                                params, input_shape);
  return cast(wide, gradient.element());
}

Array conv_weight_gradient(const Array& input, const Array& gradient, const Dims& weight_shape,
                           const ConvParams& params) {
  const Type type{gradient.element(), weight_shape, {}};
  Type taken = input.type();
  taken.device = gradient.device();
  check_gradient(taken, type, gradient.type(), params, "conv_weight_gradient");
  if (is_on_device(input) || is_on_device(gradient))
    return conv_weight_gradient_on_cuda(input, gradient, weight_shape, params);
  if (type.size() == 0 || input.size() == 0 || gradient.size() == 0) return Array::zeros(type);
  const Element computed = is_half(type.element) ? Element::kFloat32 : type.element;
  const ConvShape shape = conv_shape(input.shape(), weight_shape, gradient.shape(), params);
  const Array images = images_of(cast(input, computed), shape, params);
  Array out = Array::empty({computed, weight_shape, {}});
  const auto weights = is_depthwise(shape) ? depthwise_weights : conv_weights;
  weights(shape, images, contiguous(cast(gradient, computed)), out);
  return cast(out, type.element);
}

}  // namespace cne::tensor
