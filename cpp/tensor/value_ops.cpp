#include "tensor/value_ops.h"

#include "tensor/elementwise_tile.h"
#include "tensor/transfer.h"

namespace cne::tensor {

Array number(double value, Element element) {
  Array out = Array::empty({element, {}, {}});
  cast_tile(Element::kFloat64, &value, element, out.mutable_data(), 1);
  return out;
}

Array filled(double value, const Type& type) {
  return broadcast_to(to_device(number(value, type.element), type.device), type.shape);
}

Value or_zeros(const Value& value, const Type& type) {
  return value ? value : Value(filled(0, type));
}

Value conjugate(const Value& value) {
  return is_complex(value.element()) ? elementwise(ElementOp::kConj, value) : value;
}

Value sum_to(const Value& value, const Dims& shape) {
  if (value.shape() == shape) return value;
  const int gap = value.rank() - shape.size();
  Dims axes;
  for (int axis = 0; axis < value.rank(); ++axis)
    if (axis < gap || (shape[axis - gap] == 1 && value.shape()[axis] != 1)) axes.push_back(axis);
  return reshape(reduce(ReduceOp::kSum, value, axes, false), shape);
}

Value with_batch_axis(const Value& value, bool is_batched, int64_t size) {
  if (is_batched) return value;
  Dims shape = value.shape();
  shape.insert(0, size);
  return broadcast_to(value, shape);
}

Value with_rank(const Value& value, bool is_batched, int rank) {
  if (!is_batched || value.rank() == rank + 1) return value;
  Dims shape{value.shape()[0]};
  for (int axis = value.rank(); axis < rank + 1; ++axis) shape.push_back(1);
  for (int axis = 1; axis < value.rank(); ++axis) shape.push_back(value.shape()[axis]);
  return reshape(value, shape);
}

}  // namespace cne::tensor
