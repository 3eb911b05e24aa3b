#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/control.h"

namespace cne::bind {

namespace {

using tensor::Body;
using tensor::BodyPtr;
using tensor::CustomRules;
using tensor::Graph;
using tensor::Values;
using tensor::ValueSpan;

/// A function of Python on lists, called by whoever runs the program.
CustomRules::Rule rule_of(nb::object function) {
  if (function.is_none()) return nullptr;
  // Let go of by whichever thread lets go of the program.
  return [held = hold(std::move(function))](ValueSpan inputs) {
    const HoldInterpreter locked;
    return optional_values_of((*held)(list_of(Values(inputs.begin(), inputs.end()))));
  };
}

std::vector<tensor::Type> types_of(nb::handle values) {
  std::vector<tensor::Type> out;
  for (const tensor::Value& each : values_of(values)) out.push_back(each.type());
  return out;
}

}  // namespace

void bind_tensor_control(nb::module_& m) {
  nb::class_<Body>(m, "Body").def("__repr__",
                                  [](const Body& self) { return tensor::to_string(self.graph()); });
  // A body of a graph, which is used up, with inputs that it does not read at a place.
  m.def("body", [](Graph& graph, size_t at, nb::handle unread) {
    if (at > graph.inputs.size())
      throw ArgumentError(message("body: expected a place of at most ", graph.inputs.size()));
    tensor::insert_inputs(graph, at, types_of(unread));
    return std::const_pointer_cast<Body>(tensor::make_body(std::move(graph)));
  });
  m.def("hoist", [](Graph& graph) { return list_of(tensor::hoist(graph)); });
  m.def("cond", [](const tensor::Value& predicate, std::shared_ptr<Body> on_true,
                   std::shared_ptr<Body> on_false, nb::handle inputs) {
    return list_of(tensor::cond(predicate, on_true, on_false, values_of(inputs)));
  });
  m.def("while_loop", [](std::shared_ptr<Body> test, std::shared_ptr<Body> body, int constants,
                         nb::handle inputs) {
    return list_of(tensor::while_loop(test, body, constants, values_of(inputs)));
  });
  m.def("scan", [](std::shared_ptr<Body> body, int constants, int states, int64_t length,
                   bool reverse, nb::handle inputs) {
    const tensor::Values values = values_of(inputs);
    const auto known = static_cast<int64_t>(values.size());
    const auto of_body = static_cast<int64_t>(body->graph().inputs.size());
    if (constants < 0 || states < 0 || length < 0 || int64_t{constants} + states > known ||
        known != of_body || std::cmp_greater(states, body->graph().outputs.size()))
      throw ArgumentError(message("scan: ", constants, " constants, ", states, " states and ",
                                  length, " rounds do not go with ", known, " inputs of ",
                                  of_body));
    return list_of(tensor::scan(body, {constants, states, length, reverse}, values));
  });
  m.def("checkpoint", [](std::shared_ptr<Body> body, nb::handle inputs) {
    return list_of(tensor::checkpoint(body, values_of(inputs)));
  });
  m.def(
      "custom",
      [](std::shared_ptr<Body> body, nb::object forward, nb::object backward, nb::object tangent,
         size_t results, nb::handle inputs) {
        auto rules = std::make_shared<CustomRules>();
        rules->forward = rule_of(std::move(forward));
        rules->backward = rule_of(std::move(backward));
        rules->tangent = rule_of(std::move(tangent));
        rules->results = results;
        return list_of(tensor::custom(body, rules, values_of(inputs)));
      },
      nb::arg("body"), nb::arg("forward").none(), nb::arg("backward").none(),
      nb::arg("tangent").none(), nb::arg("results"), nb::arg("inputs"));
}

}  // namespace cne::bind
