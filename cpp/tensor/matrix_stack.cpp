#include "tensor/matrix_stack.h"

#include "core/error.h"
#include "tensor/strided_copy.h"

namespace cne::tensor {

void check_matrices(const Type& type, const char* function) {
  if (!is_inexact(type.element) || size_of(type.element) == 2)
    throw TypeError(message(function, ": expected float32, float64, complex64 or complex128, got ",
                            name_of(type.element)));
  if (type.shape.size() < 2)
    throw ShapeError(
        message(function, ": expected at least two axes, got the shape ", to_string(type.shape)));
}

void check_square(const Type& type, const char* function) {
  check_matrices(type, function);
  if (type.shape[type.shape.size() - 2] != type.shape.back())
    throw ShapeError(
        message(function, ": expected square matrices, got the shape ", to_string(type.shape)));
}

Dims batch_of(const Dims& shape) {
  Dims out;
  for (int axis = 0; axis + 2 < shape.size(); ++axis) out.push_back(shape[axis]);
  return out;
}

Dims with_matrix(Dims batch, int64_t rows, int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

Dims broadcast_batches(const Dims& a, const Dims& b, const char* function) {
  try {
    return broadcast_shapes(batch_of(a), batch_of(b), function);
  } catch (const ShapeError&) {
    throw ShapeError(message(function, ": the batches of ", to_string(a), " and ", to_string(b),
                             " cannot be broadcast"));
  }
}

Type solve_type(const Type& a, const Type& b, const char* function) {
  check_square(a, function);
  if (a.element != b.element)
    throw TypeError(message(function, ": expected arrays of one type, got ", to_string(a), " and ",
                            to_string(b)));
  if (b.shape.size() < 2 || b.shape[b.shape.size() - 2] != a.shape.back())
    throw ShapeError(message(function,
                             ": expected as many rows as the matrices have, got the "
                             "shapes ",
                             to_string(a.shape), " and ", to_string(b.shape)));
  Type out = b;
  out.shape =
      with_matrix(broadcast_batches(a.shape, b.shape, function), a.shape.back(), b.shape.back());
  check_shape(out.shape, out.element, function);
  return out;
}

MatrixStack::MatrixStack(const Array& array)
    : array_(array), count_(product(batch_of(array.shape()))) {}

void MatrixStack::read(int64_t index, void* to) const {
  const size_t width = size_of(array_.element());
  int64_t at = 0;
  for (int axis = array_.rank() - 3; axis >= 0; --axis) {
    at += index % array_.shape()[axis] * array_.strides()[axis];
    index /= array_.shape()[axis];
  }
  const Dims& strides = array_.strides();
  copy_strided(width, {columns(), rows()}, array_.data() + at * static_cast<int64_t>(width),
               {strides.back(), strides[strides.size() - 2]}, static_cast<uint8_t*>(to),
               {rows(), 1});
}

void write_matrix(Array& out, int64_t index, const void* from, int64_t lead) {
  const size_t width = size_of(out.element());
  const int64_t rows = out.shape()[out.rank() - 2];
  const int64_t columns = out.shape().back();
  copy_strided(width, {rows, columns}, static_cast<const uint8_t*>(from), {1, lead},
               out.mutable_data() + index * rows * columns * static_cast<int64_t>(width),
               {columns, 1});
}

}  // namespace cne::tensor
