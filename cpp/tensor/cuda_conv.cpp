#include "tensor/cuda_conv.h"

#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

Device device_of(const Array& a, const Array& b) {
  const Array both[] = {a, b};
  return common_device("conv", both);
}

/// The elements of all windows: (n, groups, channels of a group, kernel..., places...), a view of
/// the padded input.
Array windows_of(const Array& input, const Dims& kernel, const Dims& places,
                 const ConvParams& params) {
  Dims low{0, 0};
  Dims high{0, 0};
  Dims interior{0, 0};
  for (int axis = 0; axis < params.stride.size(); ++axis) {
    low.push_back(params.low[axis]);
    high.push_back(params.high[axis]);
    interior.push_back(params.input_dilation[axis] - 1);
  }
  const Array images = contiguous(pad(input, number(0, input.element()), low, high, interior));
  const Dims& strides = images.strides();
  const int64_t channels = images.shape()[1] / params.groups;
  Dims shape{images.shape()[0], params.groups, channels};
  Dims apart{strides[0], channels * strides[1], strides[1]};
  for (int axis = 0; axis < params.stride.size(); ++axis) {
    shape.push_back(kernel[axis + 2]);
    apart.push_back(params.kernel_dilation[axis] * strides[axis + 2]);
  }
  for (int axis = 0; axis < params.stride.size(); ++axis) {
    shape.push_back(places[axis + 2]);
    apart.push_back(params.stride[axis] * strides[axis + 2]);
  }
  return images.view(images.element(), shape, apart, images.offset());
}

}  // namespace

Array conv_on_cuda(const Array& given, const Array& given_weight, const ConvParams& params) {
  const Device device = device_of(given, given_weight);
  const Array input = to_device(given, device);
  const Array weight = to_device(given_weight, device);
  const Type type = conv_type(input.type(), weight.type(), params);
  if (type.size() == 0 || input.size() == 0 || weight.size() == 0)
    return to_device(Array::zeros({type.element, type.shape, {}}), device);
  const Array windows = windows_of(input, weight.shape(), type.shape, params);
  const int64_t n = type.shape[0];
  const int64_t places = type.size() / (n * type.shape[1]);
  const int64_t each = weight.size() / weight.shape()[0];
  const Array columns = reshape(contiguous(windows), {n, params.groups, each, places});
  const Array rows =
      reshape(contiguous(weight), {params.groups, weight.shape()[0] / params.groups, each});
  return reshape(matmul(rows, columns), type.shape);
}

Array conv_weight_gradient_on_cuda(const Array& given, const Array& given_gradient,
                                   const Dims& weight_shape, const ConvParams& params) {
  const Device device = device_of(given, given_gradient);
  const Array input = to_device(given, device);
  const Array gradient = to_device(given_gradient, device);
  const int axes = params.stride.size();
  if (input.size() == 0 || gradient.size() == 0 || product(weight_shape) == 0)
    return to_device(Array::zeros({input.element(), weight_shape, {}}), device);
  const Array windows = windows_of(input, weight_shape, gradient.shape(), params);
  Dims order{1, 0};  // groups, n, places, channels, kernel
  for (int axis = 0; axis < axes; ++axis) order.push_back(3 + axes + axis);
  for (int axis = 0; axis < axes + 1; ++axis) order.push_back(2 + axis);
  const int64_t n = gradient.shape()[0];
  const int64_t outputs = weight_shape[0] / params.groups;
  const int64_t places = gradient.size() / (n * weight_shape[0]);
  const int64_t each = product(weight_shape) / weight_shape[0];
  const Array columns =
      reshape(contiguous(permute(windows, order)), {params.groups, n * places, each});
  const Array rows =
      reshape(permute(reshape(gradient, {n, params.groups, outputs, places}), {1, 2, 0, 3}),
              {params.groups, outputs, n * places});
  return reshape(matmul(rows, columns), weight_shape);
}

}  // namespace cne::tensor
