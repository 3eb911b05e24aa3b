#include <cassert>

#include "tensor/adjugate.h"
#include "tensor/body.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/solve.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "det");
  return one(inputs[0]);
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  return one(adjugate(inputs[0]));
}

Value trace(const Value& a) {
  const Value sum = reduce(ReduceOp::kSum, diagonal(a), {a.rank() - 2}, false);
  return expand_dims(sum, {sum.rank(), sum.rank() + 1});
}

Values jvp(const Call& call, ValueSpan tangents) {
  return one(adjugate_change(call.inputs[0], tangents[0]));
}

/// tr(adjugate_change(a, b) c) is the same with b and c exchanged: second derivatives of det(a).
Value turned_back(const Value& a, const Value& cotangent) {
  return adjoint(adjugate_change(a, adjoint(cotangent)));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  return one(turned_back(call.inputs[0], cotangents[0]));
}

Values batch(const Batch& batch) { return one(adjugate(batch.inputs[0])); }

// Changes.

std::vector<Type> infer_change(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "det");
  assert(inputs[0] == inputs[1]);
  return one(inputs[0]);
}

std::vector<Array> run_change(const Params&, std::span<const Array> inputs) {
  return one(adjugate_change(inputs[0], inputs[1]));
}

/// The change of m_k = a m_(k - 1) - tr(a m_(k - 1)) / (k - 1), m_1 = 1, m_n being the adjugate but
/// for its sign (Faddeev and Le Verrier): a polynomial, exact for few rows.
Value polynomial_change(const Value& a, const Value& change) {
  const int64_t n = a.shape().back();
  const Value ones(identity(n, a.type()));
  Value m = ones;
  Value dm(filled(0, a.type()));
  for (int64_t k = 1; k < n; ++k) {
    const Value by = matmul(change, m) + matmul(a, dm);
    const Value am = matmul(a, m);
    const double share = -1.0 / static_cast<double>(k);
    dm = by + share * trace(by) * ones;
    m = am + share * trace(am) * ones;
  }
  return n % 2 == 0 ? -dm : dm;
}

/// The same numbers as a program of operations that have derivatives.
BodyPtr program_of(const Value& a) {
  const Type types[] = {a.type(), a.type()};
  return trace_body(types, [](ValueSpan in) {
    constexpr int64_t kFew = 5;
    if (in[0].shape().back() <= kFew) return one(polynomial_change(in[0], in[1]));
    const Value x = solve_or_infinite(in[0], in[1]);
    const Value adj = adjugate(in[0]);
    return one(trace(x) * adj - matmul(x, adj));
  });
}

Values jvp_change(const Call& call, ValueSpan tangents) {
  const Value& a = call.inputs[0];
  Value out;
  if (tangents[1]) out = adjugate_change(a, tangents[1]);
  if (!tangents[0]) return one(out);
  const Value by_a[] = {tangents[0], Value()};
  const Value more = run_jvp(*program_of(a), call.inputs, by_a)[0];
  if (more) out = out ? out + more : more;
  return one(out);
}

Values vjp_change(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& a = call.inputs[0];
  Values out(2);
  if (wanted[1] != 0) out[1] = turned_back(a, cotangents[0]);
  const uint8_t by_a[] = {1, 0};
  if (wanted[0] != 0) out[0] = run_vjp(*program_of(a), call.inputs, cotangents, by_a)[0];
  return out;
}

Values batch_change(const Batch& batch) {
  const auto whole = [&](size_t i) {
    return with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size);
  };
  return one(adjugate_change(whole(0), whole(1)));
}

}  // namespace

const Primitive kAdjugate = {
    "adjugate", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }};
const Primitive kAdjugateChange = {"adjugate_change",
                                   infer_change,
                                   run_change,
                                   jvp_change,
                                   vjp_change,
                                   batch_change,
                                   [](const Params&) { return kKeepInputs; }};

Value adjugate(const Value& a) {
  const Value inputs[] = {a};
  return apply_one(kAdjugate, Params(), inputs);
}

Value adjugate_change(const Value& a, const Value& change) {
  const Value inputs[] = {a, change};
  return apply_one(kAdjugateChange, Params(), inputs);
}

}  // namespace cne::tensor
