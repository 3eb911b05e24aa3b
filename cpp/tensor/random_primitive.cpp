#include "tensor/random.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct RandomParams {
  RandomKind kind;
  Dims shape;
  Element element;
  auto fields() const { return std::tie(kind, shape, element); }
};

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<RandomParams>();
  return one(random_type(of.kind, inputs[0], of.shape, of.element));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<RandomParams>();
  return one(random(of.kind, inputs[0], of.shape, of.element));
}

// Integers to integers, or to numbers that jump with them.
Values no_jvp(const Call&, ValueSpan) { return one(Value()); }
Values no_vjp(const Call& call, ValueSpan, std::span<const uint8_t>) {
  return Values(call.inputs.size());
}
Keeps nothing(const Params&) { return kKeepNothing; }

/// Keys have any number of axes in front.
Values batch(const Batch& batch) { return apply(kRandom, batch.params, batch.inputs); }

std::vector<Type> infer_fold_in(const Params&, std::span<const Type> inputs) {
  return one(random_fold_in_type(inputs[0], inputs[1]));
}
std::vector<Array> run_fold_in(const Params&, std::span<const Array> inputs) {
  return one(random_fold_in(inputs[0], inputs[1]));
}
Values batch_fold_in(const Batch& batch) {
  Values inputs;
  for (size_t i = 0; i < 2; ++i)
    inputs.push_back(with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size));
  return apply(kRandomFoldIn, batch.params, inputs);
}

}  // namespace

const Primitive kRandom = {"random", infer, run, no_jvp, no_vjp, batch, nothing};
const Primitive kRandomFoldIn = {"random_fold_in", infer_fold_in, run_fold_in, no_jvp,
                                 no_vjp,           batch_fold_in, nothing};

Value random(RandomKind kind, const Value& keys, const Dims& shape, Element element) {
  if (!keys.is_traced()) return random(kind, keys.array(), shape, element);
  const Value inputs[] = {keys};
  return apply_one(kRandom, Params(RandomParams{kind, shape, element}), inputs);
}

Value random_fold_in(const Value& keys, const Value& numbers) {
  if (!keys.is_traced() && !numbers.is_traced())
    return random_fold_in(keys.array(), numbers.array());
  const Value inputs[] = {keys, numbers};
  return apply_one(kRandomFoldIn, Params(), inputs);
}

}  // namespace cne::tensor
