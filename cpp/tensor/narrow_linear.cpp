#include "tensor/narrow_linear.h"

#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/gemm_float.h"
#include "tensor/matmul.h"
#include "tensor/row_dots.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

void check(const Array& x, const Array& weight, const Array& scale) {
  const Element narrow = weight.element();
  const bool is_narrow =
      narrow == Element::kBFloat16 || narrow == Element::kFloat16 || narrow == Element::kInt8;
  if (x.element() != Element::kFloat32 || !is_narrow ||
      (scale && scale.element() != Element::kFloat32))
    throw TypeError(
        message("narrow_linear: expected x and scale of float32 and a weight of "
                "bfloat16, float16 or int8, got ",
                to_string(x.type()), ", ", scale ? to_string(scale.type()) : "no scale", " and ",
                to_string(weight.type())));
  if (x.rank() == 0 || weight.rank() != 2 || x.shape().back() != weight.shape()[1])
    throw ShapeError(
        message("narrow_linear: expected rows as long as those of a matrix, got the "
                "shapes ",
                to_string(x.shape()), " and ", to_string(weight.shape())));
  if (scale && scale.shape() != Dims{weight.shape()[0]})
    throw ShapeError(message("narrow_linear: expected a scale for each row of ",
                             to_string(weight.shape()), ", got ", to_string(scale.shape())));
}

/// x (m, k) without gaps times the transpose of weight (n, k), whose rows lie in order.
Array multiply(const Array& x, const Array& weight) {
  const int64_t m = x.shape()[0];
  const int64_t n = weight.shape()[0];
  const int64_t k = weight.shape()[1];
  const Type type{Element::kFloat32, {m, n}, {}};
  if (k == 0) return Array::zeros(type);
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  const int64_t row = weight.strides()[0];
  if (m <= kMostDotRows) {
    row_dots({weight.element(), weight.data(), row, n, k, x.as<float>(), m},
             out.mutable_as<float>(), n);
  } else if (const GemmKernel* kernel = narrow_kernel(weight.element())) {
    gemm_packed(*kernel, {x.data(), m, k, k, 1}, {weight.data(), k, n, 1, row}, false,
                out.mutable_data(), n);
  } else {
    return matmul(x, permute(cast(weight, Element::kFloat32), {1, 0}));
  }
  return out;
}

}  // namespace

Array narrow_linear(const Array& x, const Array& weight, const Array& scale) {
  check(x, weight, scale);
  Dims shape = x.shape();
  const int64_t k = shape.back();
  shape[shape.size() - 1] = 1;
  const Array rows = reshape(contiguous(x), {product(shape), k});
  Array out = multiply(rows, k <= 1 || weight.strides()[1] == 1 ? weight : copy(weight));
  if (scale) out = elementwise(ElementOp::kMultiply, out, scale);
  shape[shape.size() - 1] = weight.shape()[0];
  return reshape(out, shape);
}

}  // namespace cne::tensor
