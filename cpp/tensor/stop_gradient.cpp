#include "tensor/stop_gradient.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params&, std::span<const Type> inputs) { return one(inputs[0]); }
std::vector<Array> run(const Params&, std::span<const Array> inputs) { return one(inputs[0]); }
Values batch(const Batch& batch) { return one(stop_gradient(batch.inputs[0])); }

}  // namespace

const Primitive kStopGradient = {"stop_gradient", infer, run, nullptr, nullptr, batch};

Value stop_gradient(const Value& value) {
  if (!value.is_traced()) return value;
  const Value inputs[] = {value};
  return apply_one(kStopGradient, Params(), inputs);
}

}  // namespace cne::tensor
