#include "core/error.h"
#include "tensor/batch_trace.h"
#include "tensor/control.h"
#include "tensor/grad_trace.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

// checkpoint: what its inputs are is all that is kept.

struct CheckpointParams {
  BodyPtr body;
  auto fields() const { return std::tie(body); }
};

const Body& body_of(const Params& params) { return *params.as<CheckpointParams>().body; }

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  check_inputs(body_of(params), inputs, "checkpoint");
  return body_of(params).output_types();
}
std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return body_of(params).run(inputs);
}
Values jvp(const Call& call, ValueSpan tangents) {
  return run_jvp(body_of(call.params), call.inputs, tangents);
}
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  return run_vjp(body_of(call.params), call.inputs, cotangents, wanted);
}
Values batch(const Batch& batch) {
  return run_batch(body_of(batch.params), batch.inputs, batch.batched, batch.size);
}

// custom

using RulesPtr = std::shared_ptr<const CustomRules>;

struct CustomParams {
  BodyPtr body;
  RulesPtr rules;
  auto fields() const { return std::tie(body, rules); }
};

const CustomParams& custom_of(const Params& params) { return params.as<CustomParams>(); }

std::vector<Type> infer_custom(const Params& params, std::span<const Type> inputs) {
  check_inputs(*custom_of(params).body, inputs, "custom");
  return custom_of(params).body->output_types();
}
std::vector<Array> run_custom(const Params& params, std::span<const Array> inputs) {
  return custom_of(params).body->run(inputs);
}

/// Throws unless what a rule gave has the types of `like`, or is absent.
void check_results(const char* function, const char* what, const Values& got, ValueSpan like) {
  if (got.size() != like.size())
    throw ArgumentError(
        message(function, ": expected ", like.size(), " ", what, ", got ", got.size()));
  for (size_t i = 0; i < got.size(); ++i)
    if (got[i] && !(got[i].type() == like[i].type()))
      throw TypeError(message(function, ": expected ", what, " of ", to_string(like[i].type()),
                              ", got ", to_string(got[i].type())));
}

Values jvp_custom(const Call& call, ValueSpan tangents) {
  const CustomRules& rules = *custom_of(call.params).rules;
  if (!rules.tangent)
    throw UnsupportedError(
        "custom_vjp: a function with a derivative by reverse mode has none by forward mode");
  Values inputs(call.inputs.begin(), call.inputs.end());
  for (size_t i = 0; i < tangents.size(); ++i)
    inputs.push_back(or_zeros(tangents[i], call.inputs[i].type()));
  Values out = rules.tangent(inputs);
  check_results("custom_jvp", "changes of the results", out, call.outputs);
  return out;
}

Values forward_custom(const Params& params, ValueSpan inputs) {
  const CustomParams& of = custom_of(params);
  if (of.rules->forward) {
    Values out = of.rules->forward(inputs);
    const std::vector<Type> types = of.body->output_types();
    bool fits = out.size() >= types.size();
    for (size_t i = 0; fits && i < types.size(); ++i) fits = out[i] && out[i].type() == types[i];
    if (!fits)
      throw TypeError("custom_vjp: expected a forward that gives the results of the function");
    return out;
  }
  return apply(kCustom, params, inputs);
}

/// Changes of the results are linear in those of the inputs: reverse mode through these.
Values transposed(const CustomRules& rules, const Call& call, ValueSpan cotangents,
                  std::span<const uint8_t> wanted) {
  const auto trace = std::make_shared<GradTrace>();
  Values inputs(call.inputs.begin(), call.inputs.end());
  std::vector<size_t> places;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const Value zeros(filled(0, call.inputs[i].type()));
    const bool has = wanted[i] != 0 && is_inexact(call.inputs[i].element());
    inputs.push_back(has ? trace->input(zeros) : zeros);
    if (has) places.push_back(i);
  }
  const Values changes = rules.tangent(inputs);
  check_results("custom_jvp", "changes of the results", changes, call.outputs);
  const Values found = trace->backward(changes, cotangents);
  trace->clear();
  Values out(call.inputs.size());
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = found[i];
  return out;
}

Values vjp_custom(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const CustomParams& of = custom_of(call.params);
  if (!of.rules->backward) return transposed(*of.rules, call, cotangents, wanted);
  const size_t results = of.rules->results;
  Values inputs(call.outputs.begin() + static_cast<std::ptrdiff_t>(results), call.outputs.end());
  for (size_t i = 0; i < results; ++i)
    inputs.push_back(or_zeros(cotangents[i], call.outputs[i].type()));
  Values out = of.rules->backward(inputs);
  for (size_t i = 0; i < out.size() && i < call.inputs.size(); ++i)
    if (!is_inexact(call.inputs[i].element())) out[i] = {};  // whatever is said of integers
  check_results("custom_vjp", "derivatives by the inputs", out, call.inputs);
  return out;
}

/// Calls a rule for each of a batch.
Values in_batch(const CustomRules::Rule& rule, ValueSpan inputs,
                const std::vector<uint8_t>& batched, int64_t size) {
  const auto trace = std::make_shared<BatchTrace>(size);
  Values seen;
  for (size_t i = 0; i < inputs.size(); ++i)
    seen.push_back(batched.empty() || batched[i] != 0 ? trace->input(inputs[i]) : inputs[i]);
  Values out;
  for (const Value& each : rule(seen))
    out.push_back(each ? with_batch_axis(trace->whole(each), trace->is_batched(each), size) : each);
  trace->close();
  return out;
}

Values batch_custom(const Batch& batch) {
  const CustomParams& of = custom_of(batch.params);
  const std::vector<uint8_t> batched(batch.batched.begin(), batch.batched.end());
  const int64_t size = batch.size;
  const RulesPtr rules = of.rules;
  auto whole = std::make_shared<CustomRules>();
  whole->results = rules->results;
  if (rules->forward)
    whole->forward = [=](ValueSpan in) { return in_batch(rules->forward, in, batched, size); };
  if (rules->backward)  // residuals are all of a batch; shared inputs get the sum
    whole->backward = [=](ValueSpan in) {
      Values out = in_batch(rules->backward, in, {}, size);
      for (size_t i = 0; i < out.size(); ++i)
        if (out[i] && batched[i] == 0) out[i] = reduce(ReduceOp::kSum, out[i], {0}, false);
      return out;
    };
  if (rules->tangent)
    whole->tangent = [=](ValueSpan in) {
      std::vector<uint8_t> both = batched;
      both.insert(both.end(), batched.begin(), batched.end());
      return in_batch(rules->tangent, in, both, size);
    };
  std::vector<Type> types;
  for (const Value& each : batch.inputs) types.push_back(each.type());
  const BodyPtr body =
      trace_body(types, [&](ValueSpan seen) { return run_batch(*of.body, seen, batched, size); });
  return custom(body, whole, batch.inputs);
}

}  // namespace

const Primitive kCheckpoint = {
    "checkpoint", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }};
const Primitive kCustom = {"custom",   infer_custom, run_custom, jvp_custom,
                           vjp_custom, batch_custom, nullptr,    forward_custom};

Values checkpoint(const BodyPtr& body, ValueSpan inputs) {
  return apply(kCheckpoint, Params(CheckpointParams{body}), inputs);
}

Values custom(const BodyPtr& body, std::shared_ptr<const CustomRules> rules, ValueSpan inputs) {
  return apply(kCustom, Params(CustomParams{body, std::move(rules)}), inputs);
}

}  // namespace cne::tensor
