#include "tensor/jvp_trace.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

struct JvpTrace::JvpTracer : Tracer {
  JvpTracer(std::shared_ptr<Trace> owner, Value is, Value changes)
      : Tracer(std::move(owner), is.type()), primal(std::move(is)), tangent(std::move(changes)) {}
  Value primal;
  Value tangent;
};

JvpTrace::JvpTrace() : Trace("jvp") {}

Value JvpTrace::input(const Value& value, const Value& tangent, bool is_weak) {
  if (!is_inexact(value.element()))
    throw TypeError(message("jvp: expected floats to derive by, got ", to_string(value.type())));
  if (tangent && !(value.type() == tangent.type()))
    throw TypeError(message("jvp: expected a tangent of ", to_string(value.type()), ", got ",
                            to_string(tangent.type())));
  const Value out = std::make_shared<const JvpTracer>(shared_from_this(), value, tangent);
  return is_weak ? weakened(out) : out;
}

Value JvpTrace::weakened(const Value& wide) {
  const Element element = default_of(wide.element());
  const auto full =
      std::make_shared<const JvpTracer>(shared_from_this(), primal(wide), tangent(wide));
  return weak_value(JvpTracer(shared_from_this(), cast(full->primal, element),
                              full->tangent ? cast(full->tangent, element) : Value()),
                    full);
}

Value JvpTrace::primal(const Value& value) const {
  const auto* mine = tracer_of<JvpTracer>(value, *this);
  return mine == nullptr ? value : mine->primal;
}

Value JvpTrace::tangent(const Value& value) const {
  const auto* mine = tracer_of<JvpTracer>(value, *this);
  return mine == nullptr ? Value() : mine->tangent;
}

Value JvpTrace::below(const Tracer& tracer) const {
  return static_cast<const JvpTracer&>(tracer).primal;
}

Values JvpTrace::process(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  Values primals;
  Values tangents;
  for (const Value& input : inputs) {
    primals.push_back(primal(input));
    tangents.push_back(tangent(input));
  }
  Values outputs = apply(primitive, params, primals);
  const bool any =
      std::any_of(tangents.begin(), tangents.end(), [](const Value& t) { return !!t; });
  if (primitive.jvp == nullptr || !any) return outputs;
  const Values changes = primitive.jvp({params, primals, outputs}, tangents);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (changes[i] && is_inexact(outputs[i].element()))
      outputs[i] = std::make_shared<const JvpTracer>(shared_from_this(), outputs[i], changes[i]);
  return outputs;
}

}  // namespace cne::tensor
