#include "tensor/cuda_matmul.h"

#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// A matrix or a batch of them, broadcast to all of `batch`.
Array matrices(const Array& array, const Dims& batch) {
  Dims shape = batch;
  shape.push_back(array.shape()[array.rank() - 2]);
  shape.push_back(array.shape().back());
  return broadcast_to(array, shape);
}

Dims batch_of(const Array& array) {
  Dims out = array.shape();
  out.erase(out.size() - 1);
  out.erase(out.size() - 1);
  return out;
}

/// Every element of the result is the sum of a row of products, in one pass: a[..., i, -, k] times
/// b[..., -, j, k]. The same for all types, and no match for tiles of matrices.
Array product(const Array& a, const Array& b) {
  if (a.shape().back() == 1) return elementwise(ElementOp::kMultiply, a, b);
  const int rank = a.rank();
  Dims turned = Dims::range(0, rank);
  std::swap(turned[rank - 1], turned[rank - 2]);
  Dims shape = a.shape();
  shape.insert(rank - 1, b.shape().back());
  const Array inputs[] = {broadcast_to(expand_dims(a, {rank - 1}), shape),
                          broadcast_to(expand_dims(permute(b, turned), {rank - 2}), shape)};
  return run_single(kMatmul, Params(), inputs)[0];
}

}  // namespace

Array matmul_on_cuda(const Array& left, const Array& right) {
  const Array both[] = {left, right};
  const Device device = common_device("matmul", both);
  Type type = matmul_type(left.type(), right.type());
  type.device = device;
  if (type.size() == 0 || left.size() == 0)
    return to_device(matmul(Array::zeros({left.element(), left.shape(), {}}),
                            Array::zeros({right.element(), right.shape(), {}})),
                     device);
  Array a = to_device(left, device);
  Array b = to_device(right, device);
  if (a.rank() == 1) a = expand_dims(a, {0});
  if (b.rank() == 1) b = expand_dims(b, {1});
  const Dims batch = broadcast_shapes(batch_of(a), batch_of(b), "matmul");
  return reshape(product(matrices(a, batch), matrices(b, batch)), type.shape);
}

}  // namespace cne::tensor
