#include <nanobind/stl/string.h>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/cumulative.h"
#include "tensor/gather.h"
#include "tensor/linear_recurrence.h"
#include "tensor/nonzero.h"
#include "tensor/search_sorted.h"
#include "tensor/sort.h"
#include "tensor/top_k.h"
#include "tensor/trace.h"
#include "tensor/unique.h"
#include "tensor/view.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Value;

/// Lets go of the interpreter where no transformation of Python is under way.
template <typename F>
auto run(bool traced, const F& f) {
  if (traced) return f();
  const nb::gil_scoped_release unlocked;
  return f();
}

Value cumulative(const std::string& name, const Value& array, int64_t axis, bool reverse) {
  const auto op = tensor::parse_cumulative_op(name);
  if (!op) throw ArgumentError(message("cumulative: no operation \"", name, "\""));
  return run(array.is_traced(), [&] { return tensor::cumulative(*op, array, axis, reverse); });
}

/// Values, indices, inverse and counts. How many there are depends on the elements; a derivative
/// goes with the values.
nb::tuple unique(const Value& array) {
  const Array elements = tensor::concrete(array, "unique");
  const tensor::Unique out = run(false, [&] { return tensor::unique(elements); });
  Value values = out.values;
  if (array.is_traced()) {
    const Value places = out.indices;
    values = tensor::gather(tensor::reshape(array, {-1}), std::span(&places, 1),
                            tensor::take_axes(1, 0, 1));
  }
  return nb::make_tuple(values, Value(out.indices), Value(out.inverse), Value(out.counts));
}

nb::list nonzero(const Value& array) {
  const Array elements = tensor::concrete(array, "nonzero");
  const auto places = run(false, [&] { return tensor::nonzero(elements); });
  return list_of({places.begin(), places.end()});
}

}  // namespace

void bind_tensor_order(nb::module_& m) {
  m.def("sort", [](const Value& array, int64_t axis, bool descending) {
    return run(array.is_traced(), [&] { return tensor::sort(array, axis, descending); });
  });
  m.def("sort_together", [](nb::handle arrays, int64_t axis, bool descending) {
    return list_of(tensor::sort(values_of(arrays), axis, descending));
  });
  m.def("argsort", [](const Value& array, int64_t axis, bool descending) {
    return run(array.is_traced(), [&] { return tensor::argsort(array, axis, descending); });
  });
  m.def("top_k", [](const Value& array, int64_t k, int64_t axis, bool largest) {
    return list_of(run(array.is_traced(), [&] { return tensor::top_k(array, k, axis, largest); }));
  });
  m.def("search_sorted", [](const Value& sorted, const Value& values, bool right) {
    return run(sorted.is_traced() || values.is_traced(),
               [&] { return tensor::search_sorted(sorted, values, right); });
  });
  m.def("cumulative", &cumulative);
  m.def("linear_recurrence", [](const Value& a, const Value& b, int64_t axis, bool reverse) {
    return run(a.is_traced() || b.is_traced(),
               [&] { return tensor::linear_recurrence(a, b, axis, reverse); });
  });
  m.def("unique", &unique);
  m.def("unique_values", [](const Value& array) -> Value {
    if (array.is_traced()) return nb::cast<Value>(unique(array)[0]);
    return run(false, [&] { return Value(tensor::unique_values(array.array())); });
  });
  m.def("nonzero", &nonzero);
}

}  // namespace cne::bind
