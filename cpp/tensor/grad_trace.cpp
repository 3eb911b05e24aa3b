#include "tensor/grad_trace.h"

#include <utility>

#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

struct GradTrace::GradTracer : Tracer {
  GradTracer(std::shared_ptr<Trace> owner, Value value, int64_t at)
      : Tracer(std::move(owner), value.type()), primal(std::move(value)), number(at) {}
  Value primal;
  int64_t number;
};

namespace {

constexpr int64_t kConstant = -1;  // the number of what is not derived by

/// Only the types of what `vjp` does not read are kept.
void forget(Values& values) {
  for (Value& value : values) value = Value::placeholder(value.type());
}

void accumulate(Value& sum, const Value& more) {
  if (!more) return;
  sum = sum ? elementwise(ElementOp::kAdd, sum, more) : more;
}

}  // namespace

GradTrace::GradTrace() : Trace("grad") {}

Value GradTrace::wrap(Value primal) {
  return std::make_shared<const GradTracer>(shared_from_this(), std::move(primal), values_++);
}

Value GradTrace::input(const Value& value, bool is_weak) {
  if (!is_inexact(value.element()))
    throw TypeError(message("grad: expected floats to derive by, got ", to_string(value.type())));
  inputs_.push_back(values_);
  Value out = wrap(value);
  return is_weak ? weakened(out) : out;
}

Value GradTrace::weakened(const Value& wide) {
  const Element element = default_of(wide.element());
  if (tracer_of<GradTracer>(wide, *this) != nullptr) {
    const Value settled = cast(wide, element);
    return weak_value(*tracer_of<GradTracer>(settled, *this), wide.tracer());
  }
  const auto constant = [this](const Value& value) {
    return GradTracer(shared_from_this(), value, kConstant);
  };
  return weak_value(constant(cast(wide, element)),
                    std::make_shared<const GradTracer>(constant(wide)));
}

Value GradTrace::primal(const Value& value) const {
  const auto* mine = tracer_of<GradTracer>(value, *this);
  return mine == nullptr ? value : mine->primal;
}

Value GradTrace::below(const Tracer& tracer) const {
  return static_cast<const GradTracer&>(tracer).primal;
}

Values GradTrace::process(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  Node node{&primitive, params, {}, {}, {}, values_, 0, {}};
  if (debug_nans()) node.where = where_called();
  for (const Value& input : inputs) {
    const auto* mine = tracer_of<GradTracer>(input, *this);
    node.inputs.push_back(mine == nullptr ? input : mine->primal);
    node.parents.push_back(mine == nullptr ? kConstant : mine->number);
  }
  node.outputs = primitive.forward != nullptr ? primitive.forward(params, node.inputs)
                                              : apply(primitive, params, node.inputs);
  std::vector<Type> types;
  if (primitive.forward != nullptr) {
    for (const Value& input : node.inputs) types.push_back(input.type());
    node.results = primitive.infer(params, types).size();
  } else {
    node.results = node.outputs.size();
  }
  Values results(node.outputs.begin(),
                 node.outputs.begin() + static_cast<std::ptrdiff_t>(node.results));
  bool any = false;
  for (const Value& result : results) any |= is_inexact(result.element());
  if (!any || primitive.vjp == nullptr) return results;
  for (Value& result : results) {
    if (is_inexact(result.element()))
      result = wrap(std::move(result));
    else
      ++values_;  // its number stays free
  }
  const Keeps keeps = primitive.keeps == nullptr ? kKeepBoth : primitive.keeps(params);
  if ((keeps & kKeepInputs) == 0) forget(node.inputs);
  if ((keeps & kKeepOutputs) == 0) forget(node.outputs);
  nodes_.push_back(std::move(node));
  return results;
}

Values GradTrace::cotangents_of(const Node& node, const Values& all) const {
  Values out(node.results);
  for (size_t i = 0; i < node.results; ++i)
    out[i] = all[static_cast<size_t>(node.first_output) + i];
  return out;
}

/// The inputs by the operation that is the first to use them; those that none does come last.
std::vector<std::vector<size_t>> GradTrace::first_uses() const {
  std::vector<size_t> first(static_cast<size_t>(values_), nodes_.size());
  for (size_t at = nodes_.size(); at-- > 0;)
    for (const int64_t parent : nodes_[at].parents)
      if (parent >= 0) first[static_cast<size_t>(parent)] = at;
  std::vector<std::vector<size_t>> out(nodes_.size() + 1);
  for (size_t input = 0; input < inputs_.size(); ++input)
    out[first[static_cast<size_t>(inputs_[input])]].push_back(input);
  return out;
}

void GradTrace::backward_over(const Node& node, ValueSpan from, Values& sums) const {
  std::vector<uint8_t> wanted;
  for (const int64_t parent : node.parents) wanted.push_back(parent >= 0 ? 1 : 0);
  const Values to = node.primitive->vjp({node.params, node.inputs, node.outputs}, from, wanted);
  for (size_t i = 0; i < to.size(); ++i)
    if (node.parents[i] >= 0) accumulate(sums[static_cast<size_t>(node.parents[i])], to[i]);
}

Values GradTrace::backward(ValueSpan outputs, ValueSpan cotangents, const OnFinal& on_final) {
  Values sums(static_cast<size_t>(values_));
  for (size_t i = 0; i < outputs.size(); ++i)
    if (const auto* mine = tracer_of<GradTracer>(outputs[i], *this);
        mine != nullptr && mine->number != kConstant)
      accumulate(sums[static_cast<size_t>(mine->number)], cotangents[i]);
  const std::vector<std::vector<size_t>> firsts =
      on_final ? first_uses() : std::vector<std::vector<size_t>>();
  const auto tell = [&](size_t at) {
    if (!on_final) return;
    for (const size_t input : firsts[at])
      on_final(input, sums[static_cast<size_t>(inputs_[input])]);
  };
  tell(nodes_.size());
  for (size_t at = nodes_.size(); at-- > 0; tell(at)) {
    const Node& node = nodes_[at];
    const Values from = cotangents_of(node, sums);
    bool any = false;
    for (const Value& each : from) any |= static_cast<bool>(each);
    if (!any) continue;
    for (size_t i = 0; i < node.results; ++i) sums[static_cast<size_t>(node.first_output) + i] = {};
    try {
      backward_over(node, from, sums);
    } catch (const NumericError& error) {
      throw NumericError(with_place(
          message(error.what(), ", in the derivative of ", label_of(*node.primitive, node.params)),
          node.where));
    }
  }
  Values out;
  for (const int64_t input : inputs_) out.push_back(sums[static_cast<size_t>(input)]);
  return out;
}

void GradTrace::clear() {
  nodes_.clear();
  close();
}

}  // namespace cne::tensor
