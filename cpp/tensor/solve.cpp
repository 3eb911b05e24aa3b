#include "tensor/solve.h"

#include <algorithm>
#include <tuple>

#include "core/error.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

struct SolveParams {
  bool is_inverse = false;      // who is asked: for messages alone
  bool takes_singular = false;  // whose solutions are infinite or NaN
  const char* name() const { return is_inverse ? "inv" : "solve"; }
  auto fields() const { return std::tie(is_inverse, takes_singular); }
};

template <typename T>
void solve_all(const Array& a, const Array& b, const SolveParams& params, Array& out) {
  const MatrixStack matrices(a);
  const MatrixStack sides(b);
  const int n = sides.rows();
  const int columns = sides.columns();
  const double operations = static_cast<double>(n) * n * (n + columns);
  each_matrix(sides.count(), operations, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    auto x = sides.read<T>(index);
    std::vector<int> pivots(static_cast<size_t>(n));
    if (Lapack<T>::lu(n, n, matrix.data(), pivots.data()) != 0 && !params.takes_singular)
      throw ArgumentError(message(params.name(), ": expected invertible matrices, but matrix ",
                                  index, " of the batch is singular"));
    Lapack<T>::lu_solve(n, columns, matrix.data(), pivots.data(), x.data());
    write_matrix(out, index, x.data(), n);
  });
}

Array solution(const Array& a, const Array& b, const SolveParams& params) {
  const char* function = params.name();
  const Type type = solve_type(a.type(), b.type(), function);
  check_lapack_size(a.shape().back(), std::max(a.shape().back(), type.shape.back()), function);
  Array out = Array::empty(type);
  const Dims batch = batch_of(type.shape);
  const Array matrices = broadcast_to(a, with_matrix(batch, a.shape().back(), a.shape().back()));
  const Array sides = broadcast_to(b, type.shape);
  with_lapack(a.element(),
              [&](auto number) { solve_all<decltype(number)>(matrices, sides, params, out); });
  return out;
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(solve_type(inputs[0], inputs[1], params.as<SolveParams>().name()));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(solution(inputs[0], inputs[1], params.as<SolveParams>()));
}

Value apply_solve(const Value& a, const Value& b, const SolveParams& params) {
  const Value inputs[] = {a, b};
  return apply_one(kSolve, Params(params), inputs);
}

/// With a again, or its adjoint, in a rule.
Value solve_again(const Params& params, const Value& a, const Value& b) {
  return apply_solve(a, b, {false, params.as<SolveParams>().takes_singular});
}

/// a dx = db - da x.
Values jvp(const Call& call, ValueSpan tangents) {
  Value side = tangents[1];
  if (tangents[0]) {
    const Value product = matmul(tangents[0], call.outputs[0]);
    side = side ? side - product : -product;
  }
  return one(side ? solve_again(call.params, call.inputs[0], side) : Value());
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& a = call.inputs[0];
  const Value side = solve_again(call.params, adjoint(a), cotangents[0]);
  Values out(2);
  if (wanted[0] != 0) out[0] = sum_to(-matmul(side, adjoint(call.outputs[0])), a.shape());
  if (wanted[1] != 0) out[1] = sum_to(side, call.inputs[1].shape());
  return out;
}

Values batch(const Batch& batch) {
  const auto [a, b] = aligned(batch);
  return one(apply_solve(a, b, batch.params.as<SolveParams>()));
}

}  // namespace

Array solve(const Array& a, const Array& b) { return solution(a, b, {}); }

const Primitive kSolve = {"solve",
                          infer,
                          run,
                          jvp,
                          vjp,
                          batch,
                          [](const Params&) { return kKeepBoth; },
                          nullptr,
                          [](const Params& params) { return params.as<SolveParams>().name(); }};

Value solve(const Value& a, const Value& b) { return apply_solve(a, b, {}); }

Value inverse(const Value& a) {
  check_square(a.type(), "inv");
  return apply_solve(a, Value(identity(a.shape().back(), a.type())), {true, false});
}

Value solve_or_infinite(const Value& a, const Value& b) { return apply_solve(a, b, {false, true}); }

Value inverse_or_infinite(const Value& a) {
  return apply_solve(a, Value(identity(a.shape().back(), a.type())), {true, true});
}

}  // namespace cne::tensor
