#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <memory>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/allreduce_queue.h"
#include "tensor/process_group.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::AllreduceQueue;
using tensor::Array;
using tensor::ProcessGroup;
using tensor::RankOp;
using tensor::Transport;
using tensor::Value;

RankOp rank_op_of(const std::string& name) {
  const std::vector<std::string> names{"sum", "mean", "max", "min"};
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<RankOp>(i);
  throw ArgumentError("allreduce: no operation" + describe_unknown(name, names));
}

Transport transport_of(const std::string& name) {
  const std::vector<std::string> names{"auto", "shared", "tcp"};
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Transport>(i);
  throw ArgumentError("parallel.init: no transport" + describe_unknown(name, names));
}

/// Signals are handled by the thread that imports this; others do not wait for the lock.
std::function<void()> signal_check() {
  return [main = PyThread_get_thread_ident()] {
    if (PyThread_get_thread_ident() != main) return;
    const HoldInterpreter lock;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  };
}

std::vector<Array> arrays_of(nb::handle sequence, const char* function) {
  std::vector<Array> out;
  for (nb::handle each : sequence)
    out.push_back(tensor::concrete(nb::cast<const Value&>(each), function));
  return out;
}

nb::list list_of_arrays(std::vector<Array> arrays) {
  nb::list out;
  for (Array& each : arrays) out.append(nb::cast(Value(std::move(each))));
  return out;
}

template <typename Call>
nb::object unlocked(const Value& value, const char* function, const Call& call) {
  const Array array = tensor::concrete(value, function);
  Array result;
  {
    const ReleaseInterpreter unlocked;
    result = call(array);
  }
  return nb::cast(Value(std::move(result)));
}

}  // namespace

void bind_tensor_parallel(nb::module_& m) {
  nb::class_<ProcessGroup>(m, "ProcessGroup")
      .def("connect", &ProcessGroup::connect, Unlocked())
      .def_prop_ro("port", &ProcessGroup::port)
      .def_prop_ro("rank", &ProcessGroup::rank)
      .def_prop_ro("size", &ProcessGroup::size)
      .def_prop_ro("transport", &ProcessGroup::transport)
      .def_prop_ro("missed", &ProcessGroup::missed)
      .def("allreduce",
           [](ProcessGroup& self, nb::sequence values, const std::string& op) {
             const std::vector<Array> arrays = arrays_of(values, "allreduce");
             std::vector<Array> results;
             {
               const ReleaseInterpreter unlocked;
               results = self.allreduce(arrays, rank_op_of(op));
             }
             return list_of_arrays(std::move(results));
           })
      .def("allgather",
           [](ProcessGroup& self, const Value& value) {
             return unlocked(value, "allgather",
                             [&](const Array& array) { return self.allgather(array); });
           })
      .def("reduce_scatter",
           [](ProcessGroup& self, const Value& value, const std::string& op) {
             return unlocked(value, "reduce_scatter", [&](const Array& array) {
               return self.reduce_scatter(array, rank_op_of(op));
             });
           })
      .def("broadcast",
           [](ProcessGroup& self, const Value& value, int root) {
             return unlocked(value, "broadcast",
                             [&](const Array& array) { return self.broadcast(array, root); });
           })
      .def("barrier", &ProcessGroup::barrier, Unlocked())
      .def("close", &ProcessGroup::close, Unlocked());
  m.def("process_group",
        [](int rank, int size, const std::string& host, int port, const std::string& token,
           int meet_ms, int timeout_ms, const std::string& transport) {
          return std::make_shared<ProcessGroup>(
              tensor::GroupOptions{rank, size, host, port, token, meet_ms, timeout_ms,
                                   transport_of(transport), signal_check()});
        });
  nb::class_<AllreduceQueue>(m, "AllreduceQueue")
      .def(nb::init<std::shared_ptr<ProcessGroup>>())
      .def("submit",
           [](AllreduceQueue& self, nb::sequence values, const std::string& op) {
             self.submit(arrays_of(values, "allreduce"), rank_op_of(op));
           })
      .def("finish",
           [](AllreduceQueue& self) {
             std::vector<std::vector<Array>> results;
             {
               const ReleaseInterpreter unlocked;
               results = self.finish(signal_check());
             }
             nb::list out;
             for (std::vector<Array>& each : results) out.append(list_of_arrays(std::move(each)));
             return out;
           })
      .def("close", &AllreduceQueue::close, Unlocked());
}

}  // namespace cne::bind
