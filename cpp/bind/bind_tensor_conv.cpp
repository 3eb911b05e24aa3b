#include "bind/bind_tensor_unlocked.h"
#include "tensor/conv.h"

namespace cne::bind {

namespace {

using tensor::ConvParams;
using tensor::Value;
using Numbers = std::vector<int64_t>;

ConvParams params_of(const Numbers& stride, const Numbers& low, const Numbers& high,
                     const Numbers& kernel_dilation, const Numbers& input_dilation,
                     int64_t groups) {
  return {dims_of(stride, "conv"),         dims_of(low, "conv"),
          dims_of(high, "conv"),           dims_of(kernel_dilation, "conv"),
          dims_of(input_dilation, "conv"), groups};
}

}  // namespace

void bind_tensor_conv(nb::module_& m) {
  m.def("conv", [](const Value& input, const Value& weight, const Numbers& stride,
                   const Numbers& low, const Numbers& high, const Numbers& kernel_dilation,
                   const Numbers& input_dilation, int64_t groups) {
    const ConvParams params = params_of(stride, low, high, kernel_dilation, input_dilation, groups);
    return unlocked([&](const Value& x, const Value& w) { return tensor::conv(x, w, params); },
                    input, weight);
  });
  m.def("conv_input_gradient", [](const Value& gradient, const Value& weight, const Numbers& shape,
                                  const Numbers& stride, const Numbers& low, const Numbers& high,
                                  const Numbers& kernel_dilation, const Numbers& input_dilation,
                                  int64_t groups) {
    const ConvParams params = params_of(stride, low, high, kernel_dilation, input_dilation, groups);
    const tensor::Dims input = dims_of(shape, "conv_input_gradient");
    return unlocked(
        [&](const Value& g, const Value& w) {
          return tensor::conv_input_gradient(g, w, input, params);
        },
        gradient, weight);
  });
}

}  // namespace cne::bind
