#include "tensor/svd.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/cuda_host.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"

namespace cne::tensor {

namespace {

struct SvdParams {
  bool is_full;
  auto fields() const { return std::tie(is_full); }
};

std::vector<Type> types(const Type& a, bool is_full, const char* function) {
  check_matrices(a, function);
  const int64_t m = a.shape[a.shape.size() - 2];
  const int64_t n = a.shape.back();
  const int64_t k = std::min(m, n);
  const Dims batch = batch_of(a.shape);
  Type values{real_of(a.element), batch, a.device};
  values.shape.push_back(k);
  const Type u{a.element, with_matrix(batch, m, is_full ? m : k), a.device};
  const Type vh{a.element, with_matrix(batch, is_full ? n : k, n), a.device};
  check_shape(u.shape, u.element, function);
  check_shape(vh.shape, vh.element, function);
  return {u, values, vh};
}

/// Square matrices whose factors are those of nothing.
template <typename T>
void write_identity(Array& out, int64_t index) {
  const int64_t n = out.shape().back();
  T* to = out.mutable_as<T>() + index * n * n;
  std::fill_n(to, n * n, T{});
  for (int64_t i = 0; i < n; ++i) to[i * (n + 1)] = 1;
}

/// Values alone when `u` is null.
template <typename T>
void factor(const Array& a, bool is_full, Array* u_out, Array& values, Array* vh_out) {
  const MatrixStack matrices(a);
  const int m = matrices.rows();
  const int n = matrices.columns();
  const int k = std::min(m, n);
  const char job = u_out == nullptr ? 'N' : is_full ? 'A' : 'S';
  each_matrix(matrices.count(), 20.0 * m * n * k, [&](int64_t index) {
    if (k == 0) {
      if (job == 'A') write_identity<T>(*u_out, index);
      if (job == 'A') write_identity<T>(*vh_out, index);
      return;
    }
    auto matrix = matrices.read<T>(index);
    check_finite(matrix, m, Triangle::kBoth, index, job == 'N' ? "svdvals" : "svd");
    const int u_columns = job == 'N' ? 0 : job == 'A' ? m : k;
    const int vh_rows = job == 'N' ? 0 : job == 'A' ? n : k;
    std::vector<T> u(static_cast<size_t>(m) * static_cast<size_t>(u_columns) + 1);
    std::vector<T> vh(static_cast<size_t>(vh_rows) * static_cast<size_t>(n) + 1);
    Real<T>* to = values.mutable_as<Real<T>>() + index * k;
    if (Lapack<T>::svd(job, m, n, matrix.data(), to, u.data(), vh.data()) != 0)
      throw ArgumentError(
          message("svd: the singular values of matrix ", index, " of the batch were not found"));
    if (job == 'N') return;
    write_matrix(*u_out, index, u.data(), m);
    write_matrix(*vh_out, index, vh.data(), vh_rows);
  });
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return types(inputs[0], params.as<SvdParams>().is_full, "svd");
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return svd(inputs[0], params.as<SvdParams>().is_full);
}

void check_differentiable(const Call& call) {
  const Dims& u = call.outputs[0].shape();
  const Dims& vh = call.outputs[2].shape();
  if (u.back() != vh[vh.size() - 2])
    throw UnsupportedError(
        "svd: derivatives of full matrices are there for square ones alone; leave full_matrices");
}

/// x without what lies in the span of the columns of u.
Value outside(const Value& x, const Value& u) { return x - matmul(u, matmul(adjoint(u), x)); }

/// JAX's rule, with p = u^H da v.
Values jvp(const Call& call, ValueSpan tangents) {
  check_differentiable(call);
  const Value& u = call.outputs[0];
  const Value& vh = call.outputs[2];
  const Value v = adjoint(vh);
  const Value s = as_type_of(call.outputs[1], u);
  const Value gaps = inverse_gaps(call.outputs[1] * call.outputs[1], u);
  const Value& change = tangents[0];
  const Value p = matmul(adjoint(u), matmul(change, v));
  const Value by_columns = scale_columns(p, s);
  const Value by_rows = scale_rows(s, p);
  Value left = gaps * (by_columns + adjoint(by_columns));
  const Value right = gaps * (by_rows + adjoint(by_rows));
  if (is_complex(u.element())) {
    const Value middle = diagonal_part(p);
    left = left + scale_columns((middle - conjugate(middle)) * 0.5, 1.0 / s);
  }
  Value du = matmul(u, left);
  Value dv = matmul(v, right);
  if (u.shape()[u.rank() - 2] > s.shape().back())
    du = du + scale_columns(outside(matmul(change, v), u), 1.0 / s);
  if (vh.shape().back() > s.shape().back())
    dv = dv + scale_columns(outside(matmul(adjoint(change), u), v), 1.0 / s);
  Values out;
  out.push_back(du);
  out.push_back(real_part(diagonal(p)));
  out.push_back(adjoint(dv));
  return out;
}

Value skewed(const Value& a) { return a - adjoint(a); }

Value add(const Value& a, const Value& b) { return a ? a + b : b; }

/// torch's rule.
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  if (cotangents[0] || cotangents[2]) check_differentiable(call);
  const int64_t k = call.outputs[1].shape().back();
  const Value u = slice_axis(call.outputs[0], call.outputs[0].rank() - 1, 0, 1, k);
  const Value vh = slice_axis(call.outputs[2], call.outputs[2].rank() - 2, 0, 1, k);
  const Value s = as_type_of(call.outputs[1], u);
  const Value gaps = inverse_gaps(call.outputs[1] * call.outputs[1], u);
  const Value inverse = 1.0 / s;
  Value inner;
  Value left;   // what u's derivative gives beside u
  Value right;  // and that of vh beside vh
  if (cotangents[0]) {
    const Value turned = skewed(matmul(adjoint(u), cotangents[0]));
    inner = scale_columns(gaps * turned, s);
    if (is_complex(u.element()))
      inner = inner + scale_columns(diagonal_part(turned) * 0.5, inverse);
    if (u.shape()[u.rank() - 2] > s.shape().back())
      left = outside(scale_columns(cotangents[0], inverse), u);
  }
  if (cotangents[2]) {
    const Value slope = adjoint(cotangents[2]);
    const Value turned = skewed(matmul(vh, slope));
    inner = add(inner, scale_rows(s, gaps * turned));
    if (vh.shape().back() > s.shape().back())
      right = adjoint(outside(scale_columns(slope, inverse), adjoint(vh)));
  }
  if (cotangents[1]) inner = add(inner, diagonal_matrix(as_type_of(cotangents[1], u)));
  Value out = matmul(matmul(u, inner), vh);
  if (left) out = out + matmul(left, vh);
  if (right) out = out + matmul(u, right);
  return one(out);
}

Values batch(const Batch& batch) {
  return svd(batch.inputs[0], batch.params.as<SvdParams>().is_full);
}

}  // namespace

std::vector<Array> svd(const Array& a, bool is_full) {
  const std::vector<Type> of = types(a.type(), is_full, "svd");
  const int64_t m = a.shape()[a.rank() - 2];
  const int64_t n = a.shape().back();
  check_lapack_size(is_full ? std::max(m, n) : m, is_full ? std::max(m, n) : n, "svd");
  Array u = Array::empty(of[0]);
  Array values = Array::empty(of[1]);
  Array vh = Array::empty(of[2]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, is_full, &u, values, &vh); });
  return {u, values, vh};
}

Array svd_values(const Array& a) {
  const std::vector<Type> of = types(a.type(), false, "svdvals");
  check_lapack_size(a.shape()[a.rank() - 2], a.shape().back(), "svdvals");
  Array values = Array::empty(of[1]);
  with_lapack(a.element(),
              [&](auto number) { factor<decltype(number)>(a, false, nullptr, values, nullptr); });
  return values;
}

const Primitive kSvd = {
    "svd", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Values svd(const Value& a, bool is_full) {
  const Value inputs[] = {a};
  return apply(kSvd, Params(SvdParams{is_full}), inputs);
}

Value svd_values(const Value& a) {
  if (a.is_traced()) return svd(a, false)[1];
  return Value(by_host(a.array(), [](const Array& here) { return svd_values(here); }));
}

}  // namespace cne::tensor
