#include "tensor/matmul.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/cuda_matmul.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/gemm.h"
#include "tensor/gemm_int8.h"
#include "tensor/matrix_stack.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Multiplications of a batch of small matrices that are worth a thread of their own.
constexpr int64_t kGrain = int64_t{1} << 19;

int64_t rows_of(const Array& array) { return array.shape()[array.rank() - 2]; }

MatrixView matrix_of(const Array& array) {
  return {array.data(), rows_of(array), array.shape().back(), array.strides()[array.rank() - 2],
          array.strides().back()};
}

/// As gemm takes it. What is repeated by a stride of 0 is copied once.
Array prepared(const Array& array) {
  if (is_readable(array.element(), matrix_of(array))) return array;
  Array once = array;
  for (int axis = 0; axis + 2 < array.rank(); ++axis)
    if (array.strides()[axis] == 0 && array.shape()[axis] > 1)
      once = slice_axis(once, axis, 0, 1, 1);
  return broadcast_to(copy(once), array.shape());
}

/// The products of a batch, all of one shape.
struct Products {
  Element element;
  Element result;
  MatrixView a;  // the first of the batch
  MatrixView b;
  Dims batch;
  Dims a_strides;  // in elements, by axis of the batch
  Dims b_strides;
  const Array* bias;
};

/// Rows of a batch that are all multiplied by one b are rows of one matrix, if they have one
/// stride.
void fold_batch(Products& p) {
  MatrixView all = p.a;
  for (int axis = p.batch.size() - 1; axis >= 0; --axis) {
    if (p.batch[axis] == 1) continue;
    if (p.b_strides[axis] != 0) return;
    if (all.rows == 1) all.row = p.a_strides[axis];
    if (all.rows != 1 && p.a_strides[axis] != all.rows * all.row) return;
    all.rows *= p.batch[axis];
  }
  if (!is_readable(p.element, all)) return;
  p.a = all;
  p.batch = p.a_strides = p.b_strides = {};
}

/// One matrix of a batch.
MatrixView matrix_at(const Products& p, const MatrixView& first, const Dims& strides,
                     int64_t index) {
  int64_t at = 0;
  for (int axis = p.batch.size() - 1; axis >= 0; --axis) {
    at += index % p.batch[axis] * strides[axis];
    index /= p.batch[axis];
  }
  MatrixView out = first;
  out.data += at * static_cast<int64_t>(size_of(p.element));
  return out;
}

void run_one(const Products& p, int64_t index, uint8_t* out) {
  const int64_t n = p.b.columns;
  const auto width = static_cast<int64_t>(size_of(p.result));
  uint8_t* c = out + index * p.a.rows * n * width;
  for (int64_t i = 0; p.bias != nullptr && i < p.a.rows; ++i)
    std::memcpy(c + i * n * width, p.bias->data(), static_cast<size_t>(n * width));
  if (p.a.columns == 0) return;
  const MatrixView a = matrix_at(p, p.a, p.a_strides, index);
  const MatrixView b = matrix_at(p, p.b, p.b_strides, index);
  if (p.result != p.element)
    gemm_packed(int8_kernel(), a, b, false, c, n);
  else
    gemm(p.element, a, b, p.bias != nullptr, c, n);
}

/// Small matrices are shared out among the threads, large ones each by gemm.
void run(const Products& p, Array& out) {
  const int64_t count = product(p.batch);
  const int64_t work = std::max<int64_t>(p.a.columns, 1) * p.a.rows * p.b.columns;
  const int64_t grain = work >= 8 * kGrain ? count : std::max<int64_t>(kGrain / work, 1);
  uint8_t* to = out.mutable_data();
  if (count <= grain) {
    for (int64_t i = 0; i < count; ++i) run_one(p, i, to);
    return;
  }
  parallel_for(count, grain, [&p, to](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) run_one(p, i, to);
  });
}

void check(const Type& a, const Type& b, const char* function) {
  if (a.element == Element::kBool || a.element != b.element)
    throw TypeError(message(function, ": expected numbers of one type, got ", to_string(a), " and ",
                            to_string(b)));
  const bool has_axes = !a.shape.empty() && !b.shape.empty();
  if (!has_axes || a.shape.back() != b.shape[std::max(b.shape.size() - 2, 0)])
    throw ShapeError(message(function, ": expected ", has_axes ? "as many columns as rows" : "axes",
                             ", got the shapes ", to_string(a.shape), " and ", to_string(b.shape)));
}

/// The type of a product; the arguments are checked.
Type product_type(const Type& a, const Type& b, Element result, const char* function) {
  check(a, b, function);
  Dims shape = broadcast_batches(a.shape, b.shape, function);
  if (a.shape.size() > 1) shape.push_back(a.shape[a.shape.size() - 2]);
  if (b.shape.size() > 1) shape.push_back(b.shape.back());
  check_shape(shape, result, function);
  return {result, shape, a.device};
}

/// The strides by axis of the whole batch.
Dims batch_strides(const Array& array, const Dims& batch) {
  Dims shape = batch;
  shape.push_back(rows_of(array));
  shape.push_back(array.shape().back());
  Dims out = broadcast_strides(array, shape);
  out.erase(out.size() - 1);
  out.erase(out.size() - 1);
  return out;
}

Array multiply(const Array& left, const Array& right, Element result, const Array* bias,
               const char* function) {
  const Type type = product_type(left.type(), right.type(), result, function);
  const Array a = prepared(left.rank() == 1 ? expand_dims(left, {0}) : left);
  const Array b = prepared(right.rank() == 1 ? expand_dims(right, {1}) : right);
  const Dims batch = broadcast_batches(a.shape(), b.shape(), function);
  if (rows_of(b) == 0 && bias == nullptr) return Array::zeros(type);
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  Products p{a.element(),
             result,
             matrix_of(a),
             matrix_of(b),
             batch,
             batch_strides(a, batch),
             batch_strides(b, batch),
             bias};
  fold_batch(p);
  run(p, out);
  return out;
}

}  // namespace

Type matmul_type(const Type& a, const Type& b) { return product_type(a, b, a.element, "matmul"); }

Type matmul_int8_type(const Type& a, const Type& b) {
  return product_type(a, b, Element::kInt32, "matmul_int8");
}

Array matmul(const Array& a, const Array& b) {
  if (is_on_device(a) || is_on_device(b)) return matmul_on_cuda(a, b);
  return multiply(a, b, a.element(), nullptr, "matmul");
}

Array matmul_bias(const Array& a, const Array& b, const Array& bias) {
  if (bias.element() != a.element())
    throw TypeError(message("matmul_bias: expected a bias of ", name_of(a.element()), ", got ",
                            to_string(bias.type())));
  if (b.rank() < 2 || bias.shape() != Dims{b.shape().back()})
    throw ShapeError(
        message("matmul_bias: expected a bias as long as the rows of a matrix, got the shapes ",
                to_string(b.shape()), " and ", to_string(bias.shape())));
  for (const Array* each : {&a, &b, &bias})
    if (is_on_device(*each)) return matmul_bias_on_cuda(a, b, bias);
  const Array row = contiguous(bias);
  return multiply(a, b, a.element(), &row, "matmul_bias");
}

Array matmul_int8(const Array& a, const Array& b) {
  if (a.element() != Element::kInt8 || b.element() != Element::kInt8)
    throw TypeError(message("matmul_int8: expected arrays of int8, got ", to_string(a.type()),
                            " and ", to_string(b.type())));
  if (is_on_device(a) || is_on_device(b)) return matmul_int8_on_cuda(a, b);
  return multiply(a, b, Element::kInt32, nullptr, "matmul_int8");
}

}  // namespace cne::tensor
