#include "tensor/qr.h"

#include <algorithm>
#include <utility>

#include "tensor/concat.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/triangular_solve.h"

namespace cne::tensor {

namespace {

struct QrParams {
  bool is_complete;
  auto fields() const { return std::tie(is_complete); }
};

std::vector<Type> types(const Type& a, bool is_complete) {
  check_matrices(a, "qr");
  const int64_t m = a.shape[a.shape.size() - 2];
  const int64_t n = a.shape.back();
  const int64_t k = is_complete ? m : std::min(m, n);
  const Dims batch = batch_of(a.shape);
  Type q{a.element, with_matrix(batch, m, k), a.device};
  check_shape(q.shape, q.element, "qr");
  return {q, {a.element, with_matrix(batch, k, n), a.device}};
}

template <typename T>
void factor(const Array& a, Array& q_out, Array& r_out) {
  const MatrixStack matrices(a);
  const int m = matrices.rows();
  const int n = matrices.columns();
  const int reflectors = std::min(m, n);
  const auto k = static_cast<int>(q_out.shape().back());
  const double operations = 4.0 * m * std::max(n, k) * reflectors;
  each_matrix(matrices.count(), operations, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    std::vector<T> tau(static_cast<size_t>(std::max(reflectors, 1)));
    if (reflectors > 0) Lapack<T>::qr(m, n, matrix.data(), tau.data());
    std::vector<T> q(static_cast<size_t>(m) * static_cast<size_t>(k));
    std::copy_n(matrix.data(), int64_t{m} * std::min(n, k), q.data());
    if (!q.empty()) Lapack<T>::q(m, k, reflectors, q.data(), tau.data());
    for (int column = 0; column < n; ++column)
      std::fill(matrix.data() + int64_t{column} * m + std::min(column + 1, m),
                matrix.data() + int64_t{column + 1} * m, T{});
    write_matrix(q_out, index, q.data(), m);
    write_matrix(r_out, index, matrix.data(), m);
  });
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return types(inputs[0], params.as<QrParams>().is_complete);
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return qr(inputs[0], params.as<QrParams>().is_complete);
}

void check_differentiable(const Call& call) {
  const Dims& r = call.outputs[1].shape();
  if (r[r.size() - 2] > r.back())
    throw UnsupportedError(
        message("qr: expected no more rows than columns in R for a derivative, got the shape ",
                to_string(r), "; leave \"complete\""));
}

/// The first k columns, and the others.
Value first_columns(const Value& a, int64_t k) { return slice_axis(a, a.rank() - 1, 0, 1, k); }
Value other_columns(const Value& a, int64_t k) {
  return slice_axis(a, a.rank() - 1, k, 1, a.shape().back() - k);
}
Value beside(const Value& a, const Value& b) {
  const Value parts[] = {a, b};
  return concat(parts, a.rank() - 1);
}

/// x r^-1 or x r^-H.
Value divided(const Value& x, const Value& r, bool by_adjoint) {
  return adjoint(triangular_solve(r, adjoint(x), {false, !by_adjoint, false}));
}

/// JAX's rule for a square R: with c = Q^H da R^-1, dQ = da R^-1 - Q (c - omega) and
/// dR = (c - omega) R, where omega is anti-Hermitian with the lower triangle of c.
std::pair<Value, Value> square_jvp(const Value& q, const Value& r, const Value& tangent) {
  const Value change = divided(tangent, r, false);
  const Value c = matmul(adjoint(q), change);
  const Value lower = lower_triangle(c, -1);
  Value omega = lower - adjoint(lower);
  if (is_complex(c.element())) {
    const Value middle = diagonal_part(c);
    omega = omega + (middle - conjugate(middle)) * 0.5;
  }
  const Value rest = c - omega;
  return {change - matmul(q, rest), matmul(rest, r)};
}

/// torch's rule for a square R: (q' + Q s) R^-H, where s is Hermitian with the upper triangle of
/// r' R^H - Q^H q'.
Value square_vjp(const Value& q, const Value& r, const Value& for_q, const Value& for_r) {
  Value inner;
  if (for_r) inner = matmul(for_r, adjoint(r));
  if (for_q) {
    const Value turned = matmul(adjoint(q), for_q);
    inner = inner ? inner - turned : -turned;
  }
  const Value above = upper_triangle(inner, 1);
  const Value middle = diagonal_part(inner);
  const Value hermitian = above + adjoint(above) + (middle + conjugate(middle)) * 0.5;
  const Value sum = matmul(q, hermitian);
  return divided(for_q ? for_q + sum : sum, r, true);
}

/// More columns than rows: the first ones give Q, and for the others R2 = Q^H a2.
Values jvp(const Call& call, ValueSpan tangents) {
  check_differentiable(call);
  const Value& q = call.outputs[0];
  const Value& r = call.outputs[1];
  const int64_t k = q.shape().back();
  Values out;
  if (r.shape().back() == k) {
    auto [dq, dr] = square_jvp(q, r, tangents[0]);
    out = {dq, dr};
    return out;
  }
  const auto [dq, dr] = square_jvp(q, first_columns(r, k), first_columns(tangents[0], k));
  const Value others = matmul(q, other_columns(r, k));
  const Value rest =
      matmul(adjoint(dq), others) + matmul(adjoint(q), other_columns(tangents[0], k));
  out = {dq, beside(dr, rest)};
  return out;
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  check_differentiable(call);
  const Value& q = call.outputs[0];
  const Value& r = call.outputs[1];
  const int64_t k = q.shape().back();
  if (r.shape().back() == k) return one(square_vjp(q, r, cotangents[0], cotangents[1]));
  const Value for_r = or_zeros(cotangents[1], r.type());
  const Value for_rest = other_columns(for_r, k);
  const Value others = matmul(q, other_columns(r, k));
  Value for_q = matmul(others, adjoint(for_rest));
  if (cotangents[0]) for_q = cotangents[0] + for_q;
  const Value first = square_vjp(q, first_columns(r, k), for_q, first_columns(for_r, k));
  return one(beside(first, matmul(q, for_rest)));
}

Values batch(const Batch& batch) {
  return qr(batch.inputs[0], batch.params.as<QrParams>().is_complete);
}

}  // namespace

std::vector<Array> qr(const Array& a, bool is_complete) {
  const std::vector<Type> of = types(a.type(), is_complete);
  check_lapack_size(of[0].shape[of[0].shape.size() - 2],
                    std::max(of[0].shape.back(), a.shape().back()), "qr");
  Array q = Array::empty(of[0]);
  Array r = Array::empty(of[1]);
  with_lapack(a.element(), [&](auto number) { factor<decltype(number)>(a, q, r); });
  return {q, r};
}

const Primitive kQr = {
    "qr", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Values qr(const Value& a, bool is_complete) {
  const Value inputs[] = {a};
  return apply(kQr, Params(QrParams{is_complete}), inputs);
}

}  // namespace cne::tensor
