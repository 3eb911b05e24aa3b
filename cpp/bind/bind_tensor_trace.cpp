#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/batch_trace.h"
#include "tensor/grad_trace.h"
#include "tensor/graph_trace.h"
#include "tensor/jvp_trace.h"
#include "tensor/program.h"
#include "tensor/stop_gradient.h"
#include "tensor/value_ops.h"

namespace cne::bind {

namespace {

using tensor::BatchTrace;
using tensor::GradTrace;
using tensor::Graph;
using tensor::GraphTrace;
using tensor::JvpTrace;
using tensor::Program;
using tensor::Trace;
using tensor::Value;
using tensor::Values;

/// Where the modules of this package lie, with "/" behind.
std::string folder_of_package() {
  const std::string file = nb::cast<std::string>(nb::module_::import_("cnengine").attr("__file__"));
  return file.substr(0, file.rfind('/') + 1);
}

/// The innermost line of Python outside this package, as "file.py:12".
std::string locate() {
  const HoldInterpreter locked;
  static const std::string package = folder_of_package();
  PyFrameObject* frame = PyEval_GetFrame();
  Py_XINCREF(frame);
  while (frame != nullptr) {
    const nb::object code = nb::steal(reinterpret_cast<PyObject*>(PyFrame_GetCode(frame)));
    const std::string file = nb::cast<std::string>(code.attr("co_filename"));
    if (!file.starts_with(package)) {
      std::string out = file + ":" + std::to_string(PyFrame_GetLineNumber(frame));
      Py_DECREF(frame);
      return out;
    }
    PyFrameObject* const back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = back;
  }
  return "";
}

void bind_graph(nb::module_& m) {
  nb::class_<Graph>(m, "Graph")
      .def("__repr__", [](const Graph& self) { return tensor::to_string(self); })
      .def_prop_ro("is_closed",
                   [](const Graph& self) {
                     for (const auto& [variable, value] : self.constants)
                       if (value.is_traced()) return false;
                     return true;
                   })
      .def_prop_ro("size", [](const Graph& self) { return self.nodes.size(); })
      .def("interpret", [](const Graph& self, nb::sequence inputs) {
        return list_of(tensor::interpret(self, values_of(inputs)));
      });
  nb::class_<GraphTrace, Trace>(m, "GraphTrace")
      .def("input", [](GraphTrace& self, const Value& like,
                       bool is_weak) { return self.input(like.type(), is_weak); })
      .def("finish",
           [](GraphTrace& self, nb::sequence outputs) { return self.finish(values_of(outputs)); });
}

/// The types of values as bytes; None when one of them is inside a transformation or no array.
nb::object signature(nb::handle values) {
  std::string out;
  for (nb::handle each : values) {
    if (!is_value(each)) return nb::none();
    const Value& value = *nb::inst_ptr<Value>(each);
    if (value.is_traced()) return nb::none();
    const tensor::Dims& shape = value.shape();
    out += static_cast<char>(value.element());
    out += static_cast<char>(shape.size());
    out += static_cast<char>(value.type().device.kind);
    out += static_cast<char>(value.type().device.index);
    out.append(reinterpret_cast<const char*>(shape.begin()), shape.size() * sizeof(int64_t));
  }
  return nb::bytes(out.data(), out.size());
}

/// What an array that was donated belongs to from then on.
class DonatedTrace : public Trace {
 public:
  explicit DonatedTrace(std::string what) : Trace("donated"), what_(std::move(what)) { close(); }
  Values process(const tensor::Primitive&, const tensor::Params&, tensor::ValueSpan) override {
    throw StateError(message("apply: ", over()));
  }
  Value below(const tensor::Tracer& tracer) const override {
    throw StateError(message("array: ", over(), ": ", to_string(tracer.type)));
  }
  std::string over() const override {
    return message("an array that was donated as ", what_, " was used afterwards");
  }

 private:
  std::string what_;
};

/// The innermost of nested values that is an array, or None inside jit and vmap.
bool is_known(const Value& value) {
  if (!value.is_traced()) return true;
  const Trace& trace = *value.tracer()->trace;
  if (dynamic_cast<const DonatedTrace*>(&trace) != nullptr) return false;
  const Value below = trace.below(*value.tracer());
  return below && is_known(below);
}

/// The arrays of inputs; those that are donated are taken out of them.
std::vector<tensor::Array> taken(const nb::list& inputs, nb::handle donated) {
  std::vector<tensor::Array> out;
  out.reserve(nb::len(inputs));
  for (const Value& each : values_of(inputs)) out.push_back(tensor::concrete(each, "jit"));
  std::shared_ptr<DonatedTrace> trace;
  nb::object name;
  for (nb::handle pair : donated) {
    const auto at = nb::cast<size_t>(pair[0]);
    const nb::object what = pair[1];
    if (!trace || !what.is(name))
      trace = std::make_shared<DonatedTrace>(nb::cast<std::string>(what));
    name = what;
    *nb::inst_ptr<Value>(inputs[at]) =
        Value(std::make_shared<const tensor::Tracer>(trace, out[at].type()));
  }
  return out;
}

/// Handles take the values of results: all at once, since no Python runs in between.
void rebind(const nb::list& handles, const nb::list& results, size_t count) {
  for (size_t i = 0; i < count; ++i)
    *nb::inst_ptr<Value>(handles[i]) = *nb::inst_ptr<Value>(results[i]);
}

/// The results of a program; the first `updated` of its inputs are those of its results from then
/// on. What was donated is given back when it fails, unless it was consumed by then.
nb::list run_program(const Program& self, nb::list inputs, nb::handle donated, size_t updated) {
  const nb::list nothing;
  if (donated.is_none() || tensor::debug_nans()) donated = nothing;
  std::vector<tensor::Array> arrays = taken(inputs, donated);
  std::vector<tensor::Array> results;
  try {
    const ReleaseInterpreter unlocked;
    results = self.run(std::move(arrays));
  } catch (...) {
    for (nb::handle pair : donated) {
      const auto at = nb::cast<size_t>(pair[0]);
      if (arrays[at]) *nb::inst_ptr<Value>(inputs[at]) = Value(std::move(arrays[at]));
    }
    throw;
  }
  nb::list out;
  for (tensor::Array& each : results) out.append(nb::cast(Value(std::move(each))));
  rebind(inputs, out, updated);
  for (size_t i = 0; i < updated; ++i) out[i] = inputs[i];
  return out;
}

void bind_program(nb::module_& m) {
  nb::class_<Program>(m, "Program")
      .def(nb::init<const Graph&>())
      .def("run", &run_program, nb::arg("inputs"), nb::arg("donated").none() = nb::none(),
           nb::arg("updated") = 0)
      .def_prop_ro("kernels", &Program::kernels)
      .def("__repr__", [](const Program& self) { return tensor::to_string(self.graph()); });
  m.def("signature", &signature);
  m.def("is_known", &is_known);
  m.def("alias", [](const Value& value) { return value; });
  m.def("rebind", [](const nb::list& handles, const nb::list& results) {
    rebind(handles, results, nb::len(handles));
  });
  m.def("known", [](const Value& value) { return Value(tensor::concrete(value, "known")); });
}

}  // namespace

Values values_of(nb::handle sequence) {
  Values out;
  for (nb::handle each : sequence)
    out.push_back(is_value(each) ? *nb::inst_ptr<Value>(each) : array_of(each));
  return out;
}

Values optional_values_of(nb::handle sequence) {
  Values out;
  for (nb::handle each : sequence)
    out.push_back(each.is_none() ? Value() : nb::cast<const Value&>(each));
  return out;
}

nb::list list_of(const Values& values) {
  nb::list out;
  for (const Value& each : values) out.append(each ? nb::cast(each) : nb::none());
  return out;
}

void bind_tensor_trace(nb::module_& m) {
  tensor::GraphTrace::set_locator(&locate);
  tensor::set_where_called(&locate);
  nb::class_<Trace>(m, "Trace").def("close", &Trace::close);
  nb::class_<GradTrace, Trace>(m, "GradTrace")
      .def("input", &GradTrace::input, nb::arg("value"), nb::arg("is_weak") = false)
      .def("primal", &GradTrace::primal)
      .def(
          "backward",
          [](GradTrace& self, nb::sequence outputs, nb::sequence cotangents, nb::object on_final) {
            const Values given = optional_values_of(cotangents);
            const Values of = values_of(outputs);
            if (given.size() != of.size())
              throw ArgumentError(
                  message("backward: expected ", of.size(), " cotangents, got ", given.size()));
            GradTrace::OnFinal tell;
            if (!on_final.is_none())
              tell = [&on_final](size_t input, const Value& value) {
                on_final(input, value ? nb::cast(value) : nb::none());
              };
            return list_of(self.backward(of, given, tell));
          },
          nb::arg("outputs"), nb::arg("cotangents"), nb::arg("on_final").none() = nb::none())
      .def("clear", &GradTrace::clear);
  m.def("grad_trace", [] { return std::make_shared<GradTrace>(); });
  nb::class_<JvpTrace, Trace>(m, "JvpTrace")
      .def("input", &JvpTrace::input, nb::arg("value"), nb::arg("tangent"),
           nb::arg("is_weak") = false)
      .def("primal", &JvpTrace::primal)
      .def("tangent", [](const JvpTrace& self, const Value& value) -> nb::object {
        const Value out = self.tangent(value);
        return out ? nb::cast(out) : nb::none();
      });
  m.def("jvp_trace", [] { return std::make_shared<JvpTrace>(); });
  nb::class_<BatchTrace, Trace>(m, "BatchTrace")
      .def("input", &BatchTrace::input)
      .def("whole",
           [](const BatchTrace& self, const Value& value) {
             return tensor::with_batch_axis(self.whole(value), self.is_batched(value), self.size());
           })
      .def("is_batched", &BatchTrace::is_batched);
  m.def("batch_trace", [](int64_t size) { return std::make_shared<BatchTrace>(size); });
  bind_graph(m);
  bind_program(m);
  m.def("graph_trace", [] { return std::make_shared<GraphTrace>(); });
  m.def("stop_gradient", &tensor::stop_gradient);
  m.def("set_debug_nans", [](bool on) {  // gives what it was
    const bool before = tensor::debug_nans();
    tensor::set_debug_nans(on);
    return before;
  });
}

}  // namespace cne::bind
