#include "tensor/program.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/bias_joins.h"
#include "tensor/cuda_device.h"
#include "tensor/cuda_run.h"
#include "tensor/matmul.h"
#include "tensor/simplify.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

const std::vector<int>& inputs_of(const Graph& graph, int node, const LoweredUnit& unit) {
  return node < 0 ? unit.inputs : graph.nodes[static_cast<size_t>(node)].inputs;
}
const std::vector<int>& outputs_of(const Graph& graph, int node, const LoweredUnit& unit) {
  return node < 0 ? unit.outputs : graph.nodes[static_cast<size_t>(node)].outputs;
}

}  // namespace

Program::Program(const Graph& graph) : graph_(simplify(graph)) {
  for (const auto& [variable, value] : graph_.constants)
    if (value.is_traced())
      throw ArgumentError("jit: a program uses values of a transformation outside it");
  const std::vector<Unit> units = find_units(graph_);
  for (const Unit& unit : units) {
    if (unit.is_fused())
      steps_.push_back({-1, lower(graph_, unit), std::make_shared<CudaUnit>(), {}});
    else
      steps_.push_back({unit.nodes[0], {}, nullptr, {}});
  }
  for (const BiasJoin& join : find_bias_joins(graph_, units))
    for (Step& step : steps_) {
      if (step.node == join.product) step.bias = join.bias;
      if (step.node == join.addition) step.sum_of = join.sum_of;
    }
  std::vector<Type> outputs;
  for (const int each : graph_.outputs) outputs.push_back(graph_.types[static_cast<size_t>(each)]);
  graphs_ = std::make_unique<ProgramGraphs>(std::move(outputs));
  std::vector<uint8_t> is_read(graph_.types.size(), 0);
  for (const int each : graph_.outputs) is_read[static_cast<size_t>(each)] = 1;
  for (size_t i = steps_.size(); i-- > 0;) {
    Step& step = steps_[i];
    for (const std::vector<int>* variables :
         {&inputs_of(graph_, step.node, step.unit), &outputs_of(graph_, step.node, step.unit)})
      for (const int each : *variables) {
        if (is_read[static_cast<size_t>(each)] != 0) continue;
        is_read[static_cast<size_t>(each)] = 1;
        step.done.push_back(each);
      }
  }
}

std::vector<Array> Program::run_step(const Step& step, std::vector<Array>& values, Device device,
                                     const Watch* tell) const {
  std::vector<Array> inputs;
  for (const int each : inputs_of(graph_, step.node, step.unit))
    inputs.push_back(values[static_cast<size_t>(each)]);
  if (step.node < 0 && is_on_device(inputs)) return step.on_cuda->run(step.unit, inputs, "jit");
  if (step.node < 0 && tell == nullptr) {
    // What nobody reads later is held by `inputs` alone, so results may take its memory.
    for (const int each : step.done) values[static_cast<size_t>(each)] = {};
    return run_fused(step.unit.kernel, step.unit.plan, std::move(inputs));
  }
  if (step.node < 0) {
    std::vector<Array> outputs =
        run_fused(step.unit.kernel, step.unit.plan, std::span<const Array>(inputs));
    (*tell)(step.unit, inputs, outputs);
    return outputs;
  }
  if (!device.is_cpu() && step.sum_of >= 0) return {values[static_cast<size_t>(step.sum_of)]};
  if (!device.is_cpu() && step.bias >= 0)
    return {to_device(matmul_bias(inputs[0], inputs[1], values[static_cast<size_t>(step.bias)]),
                      device)};
  const Graph::Node& node = graph_.nodes[static_cast<size_t>(step.node)];
  std::vector<Array> out = run_primitive(*node.primitive, node.params, inputs);
  // What is made of nothing but numbers belongs to the program's device as well.
  if (!device.is_cpu() && std::all_of(inputs.begin(), inputs.end(), is_number))
    for (Array& each : out) each = to_device(each, device);
  return out;
}

void Program::check(std::span<const Array> inputs) const {
  bool fit = inputs.size() == graph_.inputs.size();
  for (size_t i = 0; fit && i < inputs.size(); ++i)
    fit = fits(inputs[i].type(), graph_.types[static_cast<size_t>(graph_.inputs[i])]);
  if (!fit) {
    std::vector<Type> given;
    for (const Array& each : inputs) given.push_back(each.type());
    check_arguments(graph_, given);
  }
}

std::vector<Array> Program::watch(std::span<const Array> inputs, const Watch& tell) const {
  check(inputs);
  std::vector<Array> held(inputs.begin(), inputs.end());
  return run_steps(held, &tell);
}

std::vector<Array> Program::run(std::span<const Array> inputs) const {
  return run(std::vector<Array>(inputs.begin(), inputs.end()));
}

std::vector<Array> Program::run(std::vector<Array>&& inputs) const {
  check(inputs);
  if (debug_nans()) {
    Graph graph = graph_;
    for (auto& [variable, value] : graph.constants)
      value = constant(variable, value.array(), device_of(inputs));
    std::vector<Array> out;
    for (const Value& each : interpret(graph, Values(inputs.begin(), inputs.end())))
      out.push_back(each.array());
    return out;
  }
  return run_steps(inputs, nullptr);
}

Device Program::device_of(std::span<const Array> inputs) const {
  const Device device = common_device("jit", inputs);
  if (!device.is_cpu()) return device;
  for (const auto& [variable, value] : graph_.constants)
    if (is_on_device(value.array())) return value.array().device();
  return {};
}

Array Program::constant(int variable, const Array& value, Device device) const {
  if (value.device() == device || is_number(value)) return value;
  if (device.is_cpu()) return value;
  const std::lock_guard<std::mutex> held(uploaded_->lock);
  Array& kept = uploaded_->arrays[{variable, device.index}];
  if (!kept) kept = to_device(value, device);
  return kept;
}

void Program::run_all(std::vector<Array>& values, Device device, const Watch* tell,
                      std::span<const Array> targets) const {
  for (const Step& step : steps_) {
    const std::vector<int>& to = outputs_of(graph_, step.node, step.unit);
    const OfferedMemory offered(targets, graph_.outputs, to);
    std::vector<Array> results = run_step(step, values, device, tell);
    for (size_t i = 0; i < results.size(); ++i)
      values[static_cast<size_t>(to[i])] = std::move(results[i]);
    for (const int each : step.done) values[static_cast<size_t>(each)] = {};
  }
}

std::vector<Array> Program::run_steps(std::vector<Array>& inputs, const Watch* tell) const {
  const Device device = device_of(inputs);
  if (device.is_cpu() || tell != nullptr) return run_on(inputs, device, tell, {});
  const auto recorded = [&](std::span<const Array> read, std::span<const Array> targets) {
    std::vector<Array> held(read.begin(), read.end());
    return run_on(held, device, nullptr, targets);
  };
  if (auto out = graphs_->run(inputs, device, recorded)) return *std::move(out);
  const int64_t before = CudaDevice::asked();
  std::vector<Array> out = run_on(inputs, device, nullptr, {});
  graphs_->ran(device, CudaDevice::asked() - before, out);
  return out;
}

std::vector<Array> Program::run_on(std::vector<Array>& inputs, Device device, const Watch* tell,
                                   std::span<const Array> targets) const {
  std::vector<Array> values(graph_.types.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    values[static_cast<size_t>(graph_.inputs[i])] = std::move(inputs[i]);
  for (const auto& [variable, value] : graph_.constants)
    values[static_cast<size_t>(variable)] = constant(variable, value.array(), device);
  try {
    run_all(values, device, tell, targets);
  } catch (...) {
    for (size_t i = 0; i < inputs.size(); ++i)
      inputs[i] = std::move(values[static_cast<size_t>(graph_.inputs[i])]);
    throw;
  }
  std::vector<Array> out;
  for (const int each : graph_.outputs) out.push_back(values[static_cast<size_t>(each)]);
  if (!device.is_cpu())
    for (const auto& [variable, value] : graph_.constants)
      for (size_t i = 0; i < out.size(); ++i)
        if (graph_.outputs[i] == variable) out[i] = to_device(out[i], device);
  return out;
}

}  // namespace cne::tensor
