#include "tensor/lu.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"

namespace cne::tensor {

namespace {

std::vector<Type> types(const Type& a) {
  check_matrices(a, "lu");
  Dims rows = batch_of(a.shape);
  rows.push_back(a.shape[a.shape.size() - 2]);
  return {a, {Element::kInt64, rows, a.device}};
}

template <typename T>
void factor(const Array& a, Array& factors, Array& rows) {
  const MatrixStack matrices(a);
  const int m = matrices.rows();
  const int n = matrices.columns();
  const int steps = std::min(m, n);
  each_matrix(matrices.count(), static_cast<double>(m) * n * steps, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    std::vector<int> pivots(static_cast<size_t>(steps));
    if (steps > 0) Lapack<T>::lu(m, n, matrix.data(), pivots.data());
    write_matrix(factors, index, matrix.data(), m);
    int64_t* order = rows.mutable_as<int64_t>() + index * m;
    std::iota(order, order + m, int64_t{0});
    for (int i = 0; i < steps; ++i) std::swap(order[i], order[pivots[static_cast<size_t>(i)] - 1]);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) { return types(inputs[0]); }
std::vector<Array> run(const Params&, std::span<const Array> inputs) { return lu(inputs[0]); }
Values no_jvp(const Call&, ValueSpan) { return Values(2); }
Values no_vjp(const Call&, ValueSpan, std::span<const uint8_t>) { return Values(1); }
Values batch(const Batch& batch) { return lu(batch.inputs[0]); }
Keeps nothing(const Params&) { return kKeepNothing; }

}  // namespace

std::vector<Array> lu(const Array& a) {
  const std::vector<Type> of = types(a.type());
  check_lapack_size(a.shape()[a.rank() - 2], a.shape().back(), "lu");
  Array factors = Array::empty(of[0]);
  Array rows = Array::empty(of[1]);
  with_lapack(a.element(), [&](auto number) { factor<decltype(number)>(a, factors, rows); });
  return {factors, rows};
}

const Primitive kLu = {"lu", infer, run, no_jvp, no_vjp, batch, nothing};

Values lu(const Value& a) {
  const Value inputs[] = {a};
  return apply(kLu, Params(), inputs);
}

}  // namespace cne::tensor
