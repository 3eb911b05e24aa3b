#include "tensor/graph.h"

#include "core/error.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

std::string names(const std::vector<int>& variables) {
  std::string out;
  for (const int each : variables) out += message(out.empty() ? "v" : ", v", each);
  return out;
}

/// NaNs are said to come from the line that called the operation.
Values run_node(const Graph::Node& node, ValueSpan inputs) {
  if (!debug_nans()) return apply(*node.primitive, node.params, inputs);
  const WhereScope here(node.where);
  try {
    return apply(*node.primitive, node.params, inputs);
  } catch (const NumericError& error) {
    throw NumericError(with_place(error.what(), node.where));
  }
}

}  // namespace

int Graph::add_variable(Type type) {
  types.push_back(std::move(type));
  return static_cast<int>(types.size()) - 1;
}

int Graph::add(const Primitive& primitive, const Params& params, std::vector<int> node_inputs,
               std::string where) {
  std::vector<Type> input_types;
  for (const int each : node_inputs) input_types.push_back(types[static_cast<size_t>(each)]);
  std::vector<int> results;
  Device device;
  for (const Type& type : input_types)
    if (device.is_cpu()) device = type.device;  // numbers that lie on the CPU go with all others
  for (Type& type : primitive.infer(params, input_types)) {
    if (&primitive != &kToDevice) type.device = device;
    results.push_back(add_variable(std::move(type)));
  }
  const int first = results.empty() ? -1 : results[0];
  nodes.push_back(
      {&primitive, params, std::move(node_inputs), std::move(results), std::move(where)});
  return first;
}

Values hoist(Graph& graph) {
  Values out;
  std::vector<int> inputs;
  for (const auto& [variable, value] : graph.constants) {
    if (!value.is_traced()) continue;
    inputs.push_back(variable);
    out.push_back(value);
  }
  std::erase_if(graph.constants, [](const auto& each) { return each.second.is_traced(); });
  graph.inputs.insert(graph.inputs.begin(), inputs.begin(), inputs.end());
  return out;
}

void insert_inputs(Graph& graph, size_t at, std::span<const Type> types) {
  for (const Type& type : types)
    graph.inputs.insert(graph.inputs.begin() + static_cast<std::ptrdiff_t>(at++),
                        graph.add_variable(type));
}

std::string to_string(const Graph& graph) {
  std::string out = message("graph(", names(graph.inputs), ")\n");
  for (const auto& [variable, value] : graph.constants)
    out += message("  v", variable, ": constant ", to_string(value.type()), "\n");
  for (const Graph::Node& node : graph.nodes) {
    std::string types;
    for (const int each : node.outputs)
      types +=
          message(types.empty() ? "" : ", ", to_string(graph.types[static_cast<size_t>(each)]));
    out += message("  ", names(node.outputs), " = ", label_of(*node.primitive, node.params), "[",
                   node.params.to_string(), "](", names(node.inputs), ")  # ", types);
    out += node.where.empty() ? "\n" : message("  ", node.where, "\n");
  }
  return out + message("  return ", names(graph.outputs));
}

void check_arguments(const Graph& graph, std::span<const Type> types) {
  bool fit = types.size() == graph.inputs.size();
  for (size_t i = 0; fit && i < types.size(); ++i)
    fit = fits(types[i], graph.types[static_cast<size_t>(graph.inputs[i])]);
  if (fit) return;
  std::string expected;
  std::string got;
  for (const int each : graph.inputs)
    expected +=
        message(expected.empty() ? "" : ", ", to_string(graph.types[static_cast<size_t>(each)]));
  for (const Type& each : types) got += message(got.empty() ? "" : ", ", to_string(each));
  throw TypeError(message("graph: expected inputs (", expected, "), got (", got, ")"));
}

Values interpret(const Graph& graph, ValueSpan inputs) {
  std::vector<Type> given;
  for (const Value& each : inputs) given.push_back(each.type());
  check_arguments(graph, given);
  Values values(graph.types.size());
  std::vector<int> uses(graph.types.size(), 0);
  for (const Graph::Node& node : graph.nodes)
    for (const int each : node.inputs) ++uses[static_cast<size_t>(each)];
  for (const int each : graph.outputs) ++uses[static_cast<size_t>(each)];
  for (size_t i = 0; i < graph.inputs.size(); ++i)
    values[static_cast<size_t>(graph.inputs[i])] = inputs[i];
  for (const auto& [variable, value] : graph.constants)
    values[static_cast<size_t>(variable)] = value;
  for (const Graph::Node& node : graph.nodes) {
    Values in;
    for (const int each : node.inputs) in.push_back(values[static_cast<size_t>(each)]);
    Values results = run_node(node, in);
    for (size_t i = 0; i < results.size(); ++i)
      values[static_cast<size_t>(node.outputs[i])] = std::move(results[i]);
    for (const int each : node.inputs)
      if (--uses[static_cast<size_t>(each)] == 0) values[static_cast<size_t>(each)] = {};
  }
  Values out;
  for (const int each : graph.outputs) out.push_back(values[static_cast<size_t>(each)]);
  return out;
}

}  // namespace cne::tensor
