#include "tensor/eigh.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/cuda_host.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"

namespace cne::tensor {

namespace {

std::vector<Type> types(const Type& a, const char* function) {
  check_square(a, function);
  Type values{real_of(a.element), batch_of(a.shape), a.device};
  values.shape.push_back(a.shape.back());
  return {values, a};
}

/// Without vectors when `vectors` is null.
template <typename T>
void factor(const Array& a, Array& values, Array* vectors, const char* function) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  if (n == 0) return;
  each_matrix(matrices.count(), 9.0 * n * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    check_finite(matrix, n, Triangle::kLower, index, function);
    Real<T>* to = values.mutable_as<Real<T>>() + index * n;
    if (Lapack<T>::eigh(vectors != nullptr, n, matrix.data(), to) != 0)
      throw ArgumentError(
          message(function, ": the eigenvalues of matrix ", index, " of the batch were not found"));
    if (vectors != nullptr) write_matrix(*vectors, index, matrix.data(), n);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return types(inputs[0], "eigh");
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) { return eigh(inputs[0]); }

/// With m = v^H da v: dw = diag(m), dv = v (inverse gaps * m).
Values jvp(const Call& call, ValueSpan tangents) {
  const Value& v = call.outputs[1];
  const Value change = (tangents[0] + adjoint(tangents[0])) * 0.5;
  const Value m = matmul(adjoint(v), matmul(change, v));
  Values out;
  out.push_back(real_part(diagonal(m)));
  out.push_back(matmul(v, inverse_gaps(call.outputs[0], v) * m));
  return out;
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value& v = call.outputs[1];
  Value inner;
  if (cotangents[0]) inner = diagonal_matrix(as_type_of(cotangents[0], v));
  if (cotangents[1]) {
    const Value turned = inverse_gaps(call.outputs[0], v) * matmul(adjoint(v), cotangents[1]);
    inner = inner ? inner + turned : turned;
  }
  const Value whole = matmul(matmul(v, inner), adjoint(v));
  return one((whole + adjoint(whole)) * 0.5);
}

Values batch(const Batch& batch) { return eigh(batch.inputs[0]); }

}  // namespace

std::vector<Array> eigh(const Array& a) {
  const std::vector<Type> of = types(a.type(), "eigh");
  check_lapack_size(a.shape().back(), a.shape().back(), "eigh");
  Array values = Array::empty(of[0]);
  Array vectors = Array::empty(of[1]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, values, &vectors, "eigh"); });
  return {values, vectors};
}

Array eigh_values(const Array& a) {
  const std::vector<Type> of = types(a.type(), "eigvalsh");
  check_lapack_size(a.shape().back(), a.shape().back(), "eigvalsh");
  Array values = Array::empty(of[0]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, values, nullptr, "eigvalsh"); });
  return values;
}

const Primitive kEigh = {
    "eigh", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Values eigh(const Value& a) {
  const Value inputs[] = {a};
  return apply(kEigh, Params(), inputs);
}

Value eigh_values(const Value& a) {
  if (a.is_traced()) return eigh(a)[0];
  return Value(by_host(a.array(), [](const Array& here) { return eigh_values(here); }));
}

}  // namespace cne::tensor
