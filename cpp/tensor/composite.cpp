#include "tensor/composite.h"

#include "tensor/graph_trace.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct CompositeParams {
  CompositePtr program;
  auto fields() const { return std::tie(program); }
};

const Composite& composite_of(const Params& params) {
  return *params.as<CompositeParams>().program;
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const Body& body = composite_of(params).body();
  check_inputs(body, inputs, "composite");
  return body.output_types();
}
std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return composite_of(params).body().run(inputs);
}

/// A byte for each value, whether it is there.
std::string presence(ValueSpan values) {
  std::string out;
  for (const Value& each : values) out += each ? '1' : '0';
  return out;
}

/// Runs what `f` computes of the inputs and of those of `more` that are there.
Values run_derived(const Call& call, ValueSpan more, const std::string& key,
                   const std::function<Values(ValueSpan, ValueSpan)>& f) {
  const size_t count = call.inputs.size();
  Values inputs(call.inputs.begin(), call.inputs.end());
  for (const Value& each : more)
    if (each) inputs.push_back(each);
  std::vector<Type> types;
  for (const Value& each : inputs) types.push_back(each.type());
  const std::string present = presence(more);
  const auto of = [&](ValueSpan seen) {
    Values others(present.size());
    size_t next = count;
    for (size_t i = 0; i < others.size(); ++i)
      if (present[i] == '1') others[i] = seen[next++];
    return f(seen.first(count), others);
  };
  const auto [program, has] = composite_of(call.params).derived(key + present, types, of);
  const Values found = composite(program, inputs);
  Values out(has.size());
  size_t next = 0;
  for (size_t i = 0; i < out.size(); ++i)
    if (has[i] != 0) out[i] = found[next++];
  return out;
}

Values jvp(const Call& call, ValueSpan tangents) {
  const Body& body = composite_of(call.params).body();
  return run_derived(call, tangents, "jvp ", [&](ValueSpan inputs, ValueSpan changes) {
    return run_jvp(body, inputs, changes);
  });
}
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Body& body = composite_of(call.params).body();
  std::string key = "vjp ";
  for (const uint8_t each : wanted) key += each != 0 ? '1' : '0';
  return run_derived(call, cotangents, key + ' ', [&](ValueSpan inputs, ValueSpan given) {
    return run_vjp(body, inputs, given, wanted);
  });
}
Values batch(const Batch& batch) {
  const Composite& program = composite_of(batch.params);
  std::string key = "batch " + std::to_string(batch.size) + ' ';
  for (const uint8_t each : batch.batched) key += each != 0 ? '1' : '0';
  std::vector<Type> types;
  for (const Value& each : batch.inputs) types.push_back(each.type());
  const auto derived = program.derived(key, types, [&](ValueSpan seen) {
    return run_batch(program.body(), seen, batch.batched, batch.size);
  });
  return composite(derived.program, batch.inputs);
}

/// So that jit sees the operations also where grad stands between.
Values forward(const Params& params, ValueSpan inputs) {
  return composite(params.as<CompositeParams>().program, inputs);
}

}  // namespace

const Primitive kComposite = {
    "composite", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }, forward};

Composite::Derived Composite::derived(const std::string& key, std::span<const Type> types,
                                      const std::function<Values(ValueSpan)>& f) const {
  {
    const std::lock_guard lock(lock_);
    if (const auto found = derived_.find(key); found != derived_.end()) return found->second;
  }
  Derived out;
  const BodyPtr body = trace_body(types, [&](ValueSpan seen) {
    Values results;
    for (const Value& each : f(seen)) {
      out.has.push_back(each ? 1 : 0);
      if (each) results.push_back(each);
    }
    return results;
  });
  out.program = std::make_shared<const Composite>(body);
  const std::lock_guard lock(lock_);
  return derived_.emplace(key, std::move(out)).first->second;
}

Values composite(const CompositePtr& program, ValueSpan inputs) {
  if (dynamic_cast<GraphTrace*>(innermost(inputs, "composite")) != nullptr)
    return interpret(program->body().graph(), inputs);
  return apply(kComposite, Params(CompositeParams{program}), inputs);
}

}  // namespace cne::tensor
