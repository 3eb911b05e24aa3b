#include "tensor/determinant.h"

#include <cmath>

#include "tensor/adjugate.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/solve.h"

namespace cne::tensor {

namespace {

Type without_matrix(const Type& a, Element element) {
  return {element, batch_of(a.shape), a.device};
}

/// Calls f(index, diagonal of U, whether an odd number of rows was exchanged) for each matrix.
template <typename T, typename F>
void each_diagonal(const Array& a, const F& f) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  each_matrix(matrices.count(), static_cast<double>(n) * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    std::vector<int> pivots(static_cast<size_t>(n));
    Lapack<T>::lu(n, n, matrix.data(), pivots.data());
    std::vector<T> values(static_cast<size_t>(n));
    bool is_odd = false;
    for (int i = 0; i < n; ++i) {
      values[static_cast<size_t>(i)] = matrix[static_cast<size_t>(i) * static_cast<size_t>(n + 1)];
      is_odd ^= pivots[static_cast<size_t>(i)] != i + 1;
    }
    f(index, values, is_odd);
  });
}

template <typename T>
void logarithms(const Array& a, Array& sign, Array& log) {
  each_diagonal<T>(a, [&](int64_t index, const std::vector<T>& values, bool is_odd) {
    T direction = is_odd ? -1 : 1;
    Real<T> sum = 0;
    for (const T& value : values) {
      const Real<T> size = std::abs(value);
      direction *= size == 0 ? T{} : value / size;
      sum += std::log(size);
    }
    sign.mutable_as<T>()[index] = direction == T{} ? T{} : direction;  // no negative zero
    log.mutable_as<Real<T>>()[index] = sum;
  });
}

std::vector<Type> determinant_infer(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "det");
  return one(without_matrix(inputs[0], inputs[0].element));
}

std::vector<Array> determinant_run(const Params&, std::span<const Array> inputs) {
  return one(determinant(inputs[0]));
}

/// The trace of a^-1 da.
Value relative_change(const Value& a, const Value& change) {
  const Value product = diagonal(solve_or_infinite(a, change));
  return reduce(ReduceOp::kSum, product, {product.rank() - 1}, false);
}

/// a^-H times a number for each matrix.
Value scaled_inverse(const Value& a, const Value& factor) {
  return inverse_or_infinite(adjoint(a)) * expand_dims(factor, {factor.rank(), factor.rank() + 1});
}

Values determinant_jvp(const Call& call, ValueSpan tangents) {
  const Value product = transpose(adjugate(call.inputs[0])) * tangents[0];
  const int rank = product.rank();
  return one(reduce(ReduceOp::kSum, product, {rank - 2, rank - 1}, false));
}

Values determinant_vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value& factor = cotangents[0];
  return one(adjoint(adjugate(call.inputs[0])) *
             expand_dims(factor, {factor.rank(), factor.rank() + 1}));
}

Values determinant_batch(const Batch& batch) { return one(determinant(batch.inputs[0])); }

std::vector<Type> log_infer(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "slogdet");
  const Element element = inputs[0].element;
  return {without_matrix(inputs[0], element), without_matrix(inputs[0], real_of(element))};
}

std::vector<Array> log_run(const Params&, std::span<const Array> inputs) {
  return sign_and_log_determinant(inputs[0]);
}

/// The imaginary unit times the imaginary part.
Value imaginary(const Value& a) { return (a - conjugate(a)) * 0.5; }

/// d log = Re(tr(a^-1 da)), d sign = sign i Im(tr(a^-1 da)).
Values log_jvp(const Call& call, ValueSpan tangents) {
  const Value change = relative_change(call.inputs[0], tangents[0]);
  const bool turns = is_complex(change.element());
  Values out;
  out.push_back(turns ? call.outputs[0] * imaginary(change) : Value());
  out.push_back(real_part(change));
  return out;
}

Values log_vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value& sign = call.outputs[0];
  Value factor;
  if (cotangents[1]) factor = as_type_of(cotangents[1], sign);
  if (cotangents[0] && is_complex(sign.element())) {
    const Value turn = imaginary(cotangents[0] * conjugate(sign));
    factor = factor ? factor + turn : turn;
  }
  return one(factor ? scaled_inverse(call.inputs[0], factor) : Value());
}

Values log_batch(const Batch& batch) { return sign_and_log_determinant(batch.inputs[0]); }

}  // namespace

Array determinant(const Array& a) {
  check_square(a.type(), "det");
  check_lapack_size(a.shape().back(), a.shape().back(), "det");
  Array out = Array::empty(without_matrix(a.type(), a.element()));
  with_lapack(a.element(), [&](auto number) {
    using T = decltype(number);
    each_diagonal<T>(a, [&](int64_t index, const std::vector<T>& values, bool is_odd) {
      T product = is_odd ? -1 : 1;
      for (const T& value : values) product *= value;
      out.mutable_as<T>()[index] = product;
    });
  });
  return out;
}

std::vector<Array> sign_and_log_determinant(const Array& a) {
  check_square(a.type(), "slogdet");
  check_lapack_size(a.shape().back(), a.shape().back(), "slogdet");
  Array sign = Array::empty(without_matrix(a.type(), a.element()));
  Array log = Array::empty(without_matrix(a.type(), real_of(a.element())));
  with_lapack(a.element(), [&](auto number) { logarithms<decltype(number)>(a, sign, log); });
  return {sign, log};
}

const Primitive kDeterminant = {"det",
                                determinant_infer,
                                determinant_run,
                                determinant_jvp,
                                determinant_vjp,
                                determinant_batch,
                                [](const Params&) { return kKeepInputs; }};
const Primitive kLogDeterminant = {
    "slogdet", log_infer, log_run, log_jvp, log_vjp, log_batch, [](const Params&) {
      return kKeepBoth;
    }};

Value determinant(const Value& a) {
  const Value inputs[] = {a};
  return apply_one(kDeterminant, Params(), inputs);
}

Values sign_and_log_determinant(const Value& a) {
  const Value inputs[] = {a};
  return apply(kLogDeterminant, Params(), inputs);
}

}  // namespace cne::tensor
