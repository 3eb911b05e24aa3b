#include "tensor/jvp_trace.h"

#include <utility>

#include "core/error.h"

namespace cne::tensor {

struct JvpTrace::JvpTracer : Tracer {
  JvpTracer(std::shared_ptr<Trace> owner, Value is, Value changes)
      : Tracer(std::move(owner), is.type()), primal(std::move(is)), tangent(std::move(changes)) {}
  Value primal;
  Value tangent;
};

JvpTrace::JvpTrace() : Trace("jvp") {}

Value JvpTrace::input(const Value& value, const Value& tangent) {
  if (!is_inexact(value.element()))
    throw TypeError(message("jvp: expected floats to derive by, got ", to_string(value.type())));
  if (tangent && !(value.type() == tangent.type()))
    throw TypeError(message("jvp: expected a tangent of ", to_string(value.type()), ", got ",
                            to_string(tangent.type())));
  return std::make_shared<const JvpTracer>(shared_from_this(), value, tangent);
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
  if (primitive.jvp == nullptr) return outputs;
  const Values changes = primitive.jvp({params, primals, outputs}, tangents);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (changes[i] && is_inexact(outputs[i].element()))
      outputs[i] = std::make_shared<const JvpTracer>(shared_from_this(), outputs[i], changes[i]);
  return outputs;
}

}  // namespace cne::tensor
