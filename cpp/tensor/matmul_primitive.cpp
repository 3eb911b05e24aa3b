#include "tensor/matmul.h"
#include "tensor/matrix_values.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

// Of matrices and batches of them: a single row or column is made one first.

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return one(matmul_type(inputs[0], inputs[1]));
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  return one(matmul(inputs[0], inputs[1]));
}

Values jvp(const Call& call, ValueSpan tangents) {
  const Value left = tangents[0] ? matmul(tangents[0], call.inputs[1]) : Value();
  const Value right = tangents[1] ? matmul(call.inputs[0], tangents[1]) : Value();
  return one(left && right ? left + right : left ? left : right);
}

bool is_one_matrix(const Value& value) { return value.rank() == 2; }

/// Rows of all matrices of a batch as those of one.
Value as_rows(const Value& value) { return reshape(value, {-1, value.shape().back()}); }

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& a = call.inputs[0];
  const Value& b = call.inputs[1];
  const Value& cotangent = cotangents[0];
  Values out(2);
  if (wanted[0] != 0) out[0] = sum_to(matmul(cotangent, transpose(conjugate(b))), a.shape());
  if (wanted[1] != 0) {
    // One matrix for a whole batch: the sum over the batch is that over the rows of one product.
    if (is_one_matrix(b) && a.rank() > 2 && a.size() > 0)
      out[1] = matmul(transpose(conjugate(as_rows(a))), as_rows(cotangent));
    else
      out[1] = sum_to(matmul(transpose(conjugate(a)), cotangent), b.shape());
  }
  return out;
}

Values batch(const Batch& batch) {
  const auto [a, b] = aligned(batch);
  return one(matmul(a, b));
}

}  // namespace

const Primitive kMatmul = {
    "matmul", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }};

Value matmul(const Value& a, const Value& b) {
  if (!a.is_traced() && !b.is_traced() && !debug_nans()) return matmul(a.array(), b.array());
  matmul_type(a.type(), b.type());
  const Value inputs[] = {a.rank() == 1 ? expand_dims(a, {0}) : a,
                          b.rank() == 1 ? expand_dims(b, {1}) : b};
  Value out = apply_one(kMatmul, Params(), inputs);
  if (b.rank() == 1) out = squeeze(out, {out.rank() - 1});
  if (a.rank() == 1) out = squeeze(out, {out.rank() - (b.rank() == 1 ? 1 : 2)});
  return out;
}

}  // namespace cne::tensor
