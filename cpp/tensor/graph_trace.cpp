#include "tensor/graph_trace.h"

#include <utility>

#include "tensor/elementwise.h"

namespace cne::tensor {

struct GraphTrace::GraphTracer : Tracer {
  GraphTracer(std::shared_ptr<Trace> owner, const Type& is, int at)
      : Tracer(std::move(owner), is), variable(at) {}
  mutable int variable;  // -1: a number of Python whose value by default nobody has asked for
};

namespace {

std::string (*locator)() = nullptr;

}  // namespace

void GraphTrace::set_locator(std::string (*locate)()) { locator = locate; }

GraphTrace::GraphTrace() : Trace("jit") {}

Value GraphTrace::input(const Type& type, bool is_weak) {
  graph_.inputs.push_back(graph_.add_variable(type));
  const Value out =
      std::make_shared<const GraphTracer>(shared_from_this(), type, graph_.inputs.back());
  return is_weak ? weakened(out) : out;
}

Value GraphTrace::weakened(const Value& wide) {
  Type type = wide.type();
  type.element = default_of(type.element);
  return weak_value(GraphTracer(shared_from_this(), type, -1), wide.tracer());
}

int GraphTrace::variable_of(const Value& value) {
  if (const auto* mine = tracer_of<GraphTracer>(value, *this)) {
    if (mine->variable < 0) mine->variable = variable_of(cast(value.wide(), mine->type.element));
    return mine->variable;
  }
  if (value.is_traced()) innermost(ValueSpan(&value, 1), "jit");  // is it over?
  graph_.constants.emplace_back(graph_.add_variable(value.type()), value);
  return graph_.constants.back().first;
}

Graph GraphTrace::finish(ValueSpan outputs) {
  for (const Value& output : outputs) graph_.outputs.push_back(variable_of(output));
  close();
  return std::move(graph_);
}

Value GraphTrace::below(const Tracer&) const { return {}; }

Values GraphTrace::process(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  std::vector<int> variables;
  for (const Value& input : inputs) variables.push_back(variable_of(input));
  graph_.add(primitive, params, std::move(variables), locator == nullptr ? "" : locator());
  Values out;
  for (const int each : graph_.nodes.back().outputs)
    out.push_back(std::make_shared<const GraphTracer>(
        shared_from_this(), graph_.types[static_cast<size_t>(each)], each));
  return out;
}

}  // namespace cne::tensor
