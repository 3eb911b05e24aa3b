#include "tensor/eig.h"

#include "core/error.h"
#include "tensor/cuda_host.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/solve.h"

namespace cne::tensor {

namespace {

std::vector<Type> types(const Type& a, const char* function) {
  check_square(a, function);
  const Element element = complex_of(a.element);
  Type values{element, batch_of(a.shape), a.device};
  values.shape.push_back(a.shape.back());
  return {values, {element, a.shape, a.device}};
}

/// Without vectors when `vectors` is null.
template <typename T>
void factor(const Array& a, Array& values, Array* vectors, const char* function) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  if (n == 0) return;
  each_matrix(matrices.count(), 25.0 * n * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    check_finite(matrix, n, Triangle::kBoth, index, function);
    std::vector<Complex<T>> columns(vectors != nullptr ? matrix.size() : 0);
    Complex<T>* to = values.mutable_as<Complex<T>>() + index * n;
    Complex<T>* by_columns = vectors != nullptr ? columns.data() : nullptr;
    if (Lapack<T>::eig(n, matrix.data(), to, by_columns) != 0)
      throw ArgumentError(
          message(function, ": the eigenvalues of matrix ", index, " of the batch were not found"));
    if (vectors != nullptr) write_matrix(*vectors, index, columns.data(), n);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return types(inputs[0], "eig");
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) { return eig(inputs[0]); }

/// Re(diag(v^H x)) by columns.
Value along(const Value& v, const Value& x) {
  const Value product = conjugate(v) * x;
  return as_type_of(real_part(reduce(ReduceOp::kSum, product, {product.rank() - 2}, false)), v);
}

/// With m = v^-1 da v: dw = diag(m), dv = v (inverse gaps * m), less what changes their length.
Values jvp(const Call& call, ValueSpan tangents) {
  const Value& v = call.outputs[1];
  const Value m = solve(v, matmul(as_type_of(tangents[0], v), v));
  const Value free = matmul(v, inverse_gaps(call.outputs[0], v) * m);
  Values out;
  out.push_back(diagonal(m));
  out.push_back(free - scale_columns(v, along(v, free)));
  return out;
}

/// torch's rule: v^-H (diag(w') + (v^H v' - v^H v Re(diag(v^H v'))) / conj(gaps)) v^H.
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value& v = call.outputs[1];
  const Value back = adjoint(v);
  Value inner;
  if (cotangents[0]) inner = diagonal_matrix(cotangents[0]);
  if (cotangents[1]) {
    const Value length = scale_columns(v, along(v, cotangents[1]));
    const Value turned = matmul(back, cotangents[1] - length);
    const Value part = conjugate(inverse_gaps(call.outputs[0], v)) * turned;
    inner = inner ? inner + part : part;
  }
  const Value whole = solve(back, matmul(inner, back));
  return one(is_complex(call.inputs[0].element()) ? whole : real_part(whole));
}

Values batch(const Batch& batch) { return eig(batch.inputs[0]); }

}  // namespace

std::vector<Array> eig(const Array& a) {
  const std::vector<Type> of = types(a.type(), "eig");
  check_lapack_size(a.shape().back(), a.shape().back(), "eig");
  Array values = Array::empty(of[0]);
  Array vectors = Array::empty(of[1]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, values, &vectors, "eig"); });
  return {values, vectors};
}

Array eig_values(const Array& a) {
  const std::vector<Type> of = types(a.type(), "eigvals");
  check_lapack_size(a.shape().back(), a.shape().back(), "eigvals");
  Array values = Array::empty(of[0]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, values, nullptr, "eigvals"); });
  return values;
}

const Primitive kEig = {
    "eig", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Values eig(const Value& a) {
  const Value inputs[] = {a};
  return apply(kEig, Params(), inputs);
}

Value eig_values(const Value& a) {
  if (a.is_traced()) return eig(a)[0];
  return Value(by_host(a.array(), [](const Array& here) { return eig_values(here); }));
}

}  // namespace cne::tensor
