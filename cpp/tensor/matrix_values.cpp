#include "tensor/matrix_values.h"

#include <algorithm>

#include "tensor/band.h"
#include "tensor/elementwise.h"
#include "tensor/select.h"

namespace cne::tensor {

namespace {

/// Whether low <= column - row <= high, by the places of a matrix of `a`.
Value places(const Value& a, int64_t low, int64_t high) {
  return Value(band({Element::kBool, {a.shape()[a.rank() - 2], a.shape().back()}, a.type().device},
                    low, high));
}

Value only(const Value& where_true, const Value& a) {
  return where(where_true, a, Value(number(0, a.element())));
}

}  // namespace

Value transpose(const Value& a) {
  Dims axes = Dims::range(0, a.rank());
  std::swap(axes[a.rank() - 1], axes[a.rank() - 2]);
  return permute(a, axes);
}

Value adjoint(const Value& a) { return conjugate(transpose(a)); }

Value lower_triangle(const Value& a, int64_t offset) {
  return only(places(a, INT64_MIN, offset), a);
}

Value upper_triangle(const Value& a, int64_t offset) {
  return only(places(a, offset, INT64_MAX), a);
}

Value diagonal_part(const Value& a) { return only(places(a, 0, 0), a); }

Value diagonal(const Value& a) {
  const int64_t extent = std::min(a.shape()[a.rank() - 2], a.shape().back());
  const Value square =
      slice_axis(slice_axis(a, a.rank() - 1, 0, 1, extent), a.rank() - 2, 0, 1, extent);
  return reduce(ReduceOp::kSum, diagonal_part(square), {a.rank() - 1}, false);
}

Value diagonal_matrix(const Value& values) {
  Dims shape = values.shape();
  shape.push_back(shape.back());
  return diagonal_part(broadcast_to(expand_dims(values, {values.rank()}), shape));
}

Array identity(int64_t n, const Type& like) {
  return band({like.element, {n, n}, like.device}, 0, 0);
}

Value scale_columns(const Value& a, const Value& values) {
  return a * expand_dims(values, {values.rank() - 1});
}

Value scale_rows(const Value& values, const Value& a) {
  return a * expand_dims(values, {values.rank()});
}

Value inverse_gaps(const Value& values, const Value& like) {
  const Value gaps =
      expand_dims(values, {values.rank() - 1}) - expand_dims(values, {values.rank()});
  const Value one_there(identity(values.shape().back(), values.type()));
  return as_type_of(1.0 / (gaps + one_there) - one_there, like);
}

std::pair<Value, Value> aligned(const Batch& batch) {
  const auto rank = [&](size_t i) { return batch.inputs[i].rank() - batch.batched[i]; };
  const int most = std::max(rank(0), rank(1));
  return {with_rank(batch.inputs[0], batch.batched[0] != 0, most),
          with_rank(batch.inputs[1], batch.batched[1] != 0, most)};
}

Value as_type_of(const Value& real, const Value& like) { return cast(real, like.element()); }

Value real_part(const Value& a) {
  return is_complex(a.element()) ? elementwise(ElementOp::kReal, a) : a;
}

}  // namespace cne::tensor
