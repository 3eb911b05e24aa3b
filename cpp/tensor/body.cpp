#include "tensor/body.h"

#include "core/error.h"
#include "tensor/batch_trace.h"
#include "tensor/cuda_run.h"
#include "tensor/grad_trace.h"
#include "tensor/graph_trace.h"
#include "tensor/jvp_trace.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

std::vector<Type> Body::output_types() const {
  std::vector<Type> out;
  for (size_t i = 0; i < outputs(); ++i) out.push_back(output_type(i));
  return out;
}

const Program& Body::program() const {
  std::call_once(compiled_, [this] { program_.emplace(graph_); });
  return *program_;
}

std::vector<Array> Body::run(std::span<const Array> inputs) const { return program().run(inputs); }

const RoundPlan* Body::rounds(size_t constants, std::span<const Array> inputs) const {
  if (debug_nans() || is_on_device(inputs)) return nullptr;
  const Graph& graph = program().graph();
  std::call_once(planned_, [&] { rounds_.emplace(graph, constants); });
  return rounds_->is_small() ? &*rounds_ : nullptr;
}

void check_inputs(const Body& body, std::span<const Type> inputs, const char* function) {
  bool fit = inputs.size() == body.inputs();
  for (size_t i = 0; fit && i < inputs.size(); ++i) fit = fits(inputs[i], body.input_type(i));
  if (fit) return;
  std::string expected;
  std::string got;
  for (size_t i = 0; i < body.inputs(); ++i)
    expected += message(expected.empty() ? "" : ", ", to_string(body.input_type(i)));
  for (const Type& each : inputs) got += message(got.empty() ? "" : ", ", to_string(each));
  throw TypeError(
      message(function, ": expected a program of (", expected, "), got one of (", got, ")"));
}

Values run_jvp(const Body& body, ValueSpan inputs, ValueSpan tangents) {
  const auto trace = std::make_shared<JvpTrace>();
  Values seen;
  for (size_t i = 0; i < inputs.size(); ++i)
    seen.push_back(tangents[i] ? trace->input(inputs[i], tangents[i]) : inputs[i]);
  Values out;
  for (const Value& each : interpret(body.graph(), seen)) out.push_back(trace->tangent(each));
  trace->close();
  return out;
}

Values run_vjp(const Body& body, ValueSpan inputs, ValueSpan cotangents,
               std::span<const uint8_t> wanted) {
  const auto trace = std::make_shared<GradTrace>();
  Values seen;
  for (size_t i = 0; i < inputs.size(); ++i)
    seen.push_back(wanted[i] != 0 && is_inexact(inputs[i].element()) ? trace->input(inputs[i])
                                                                     : inputs[i]);
  const Values outputs = interpret(body.graph(), seen);
  const Values found = trace->backward(outputs, cotangents);
  trace->clear();
  Values out(inputs.size());
  size_t next = 0;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (wanted[i] != 0 && is_inexact(inputs[i].element())) out[i] = found[next++];
  return out;
}

Values run_batch(const Body& body, ValueSpan inputs, std::span<const uint8_t> batched,
                 int64_t size) {
  const auto trace = std::make_shared<BatchTrace>(size);
  Values seen;
  for (size_t i = 0; i < inputs.size(); ++i)
    seen.push_back(batched[i] != 0 ? trace->input(inputs[i]) : inputs[i]);
  Values out;
  for (const Value& each : interpret(body.graph(), seen))
    out.push_back(with_batch_axis(trace->whole(each), trace->is_batched(each), size));
  trace->close();
  return out;
}

BodyPtr trace_body(std::span<const Type> inputs, const std::function<Values(ValueSpan)>& f) {
  const auto trace = std::make_shared<GraphTrace>();
  Values seen;
  for (const Type& each : inputs) seen.push_back(trace->input(each));
  return make_body(trace->finish(f(seen)));
}

}  // namespace cne::tensor
