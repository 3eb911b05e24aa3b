#pragma once

#include <tuple>

#include "tensor/primitive.h"

namespace cne::tensor {

/// How windows of a convolution lie: a number for each spatial axis.
struct ConvParams {
  Dims stride;
  Dims low;   // zeros before the first element, less than 0 cuts off
  Dims high;  // and behind the last
  Dims kernel_dilation;
  Dims input_dilation;  // the distance of neighbours of the input, with zeros between them
  int64_t groups = 1;

  auto fields() const {
    return std::tie(stride, low, high, kernel_dilation, input_dilation, groups);
  }
};

/// Sums of products of a window that moves over the spatial axes, as networks call convolution:
///
///   out[n, o, p] = sum_{c, t} weight[o, c, t] x[n, g(o) channels + c, p stride + t dilation - low]
///
/// x is the input (n, c, spatial...) with input_dilation - 1 zeros between neighbours and zeros
/// around it, weight (o, c / groups, kernel...). Output channels and input channels are in `groups`
/// groups, of which each sees its own alone. Spatial axes are one or more; an axis of the result
/// has floor((dilated input + low + high - dilated kernel) / stride) + 1 places, or none.
/// With an input_dilation it is the transposed convolution of that stride.
///
/// Sums of float16 and bfloat16 are made in float32 and rounded once. Throws TypeError for two
/// types or bool, ShapeError or ArgumentError for what does not fit. XLA's ConvGeneralDilated
/// (https://openxla.org/xla/operation_semantics).
Array conv(const Array& input, const Array& weight, const ConvParams& params);

/// Of L = sum(gradient * conv(input, weight)) the derivative by the input, which has a shape that
/// conv takes, and by the weight.
Array conv_input_gradient(const Array& gradient, const Array& weight, const Dims& input_shape,
                          const ConvParams& params);
Array conv_weight_gradient(const Array& input, const Array& gradient, const Dims& weight_shape,
                           const ConvParams& params);

/// The type that conv gives. It throws as conv does.
Type conv_type(const Type& input, const Type& weight, const ConvParams& params,
               const char* function = "conv");

// As primitives, also of values inside transformations.
Value conv(const Value& input, const Value& weight, const ConvParams& params);
Value conv_input_gradient(const Value& gradient, const Value& weight, const Dims& input_shape,
                          const ConvParams& params);
Value conv_weight_gradient(const Value& input, const Value& gradient, const Dims& weight_shape,
                           const ConvParams& params);

extern const Primitive kConv;
extern const Primitive kConvInputGradient;
extern const Primitive kConvWeightGradient;

}  // namespace cne::tensor
