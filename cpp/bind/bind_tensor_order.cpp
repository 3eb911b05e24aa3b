#include <nanobind/stl/string.h>

#include "bind/bind_tensor_unlocked.h"
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

Value cumulative(const std::string& name, const Value& array, int64_t axis, bool reverse) {
  const auto op = tensor::parse_cumulative_op(name);
  if (!op) throw ArgumentError(message("cumulative: no operation \"", name, "\""));
  return unlocked([&](const Value& x) { return tensor::cumulative(*op, x, axis, reverse); }, array);
}

/// Values, indices, inverse and counts. How many there are depends on the elements; a derivative
/// goes with the values.
nb::tuple unique(const Value& array) {
  const Array elements = tensor::concrete(array, "unique");
  const tensor::Unique out = unlocked([&] { return tensor::unique(elements); });
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
  const auto places = unlocked([&] { return tensor::nonzero(elements); });
  return list_of({places.begin(), places.end()});
}

}  // namespace

void bind_tensor_order(nb::module_& m) {
  m.def("sort", [](const Value& array, int64_t axis, bool descending) {
    return unlocked([&](const Value& x) { return tensor::sort(x, axis, descending); }, array);
  });
  m.def("sort_together", [](nb::handle arrays, int64_t axis, bool descending) {
    return list_of(tensor::sort(values_of(arrays), axis, descending));
  });
  m.def("argsort", [](const Value& array, int64_t axis, bool descending) {
    return unlocked([&](const Value& x) { return tensor::argsort(x, axis, descending); }, array);
  });
  m.def("top_k", [](const Value& array, int64_t k, int64_t axis, bool largest) {
    return list_of(
        unlocked([&](const Value& x) { return tensor::top_k(x, k, axis, largest); }, array));
  });
  m.def("search_sorted", [](const Value& sorted, const Value& values, bool right) {
    return unlocked(
        [&](const Value& x, const Value& y) { return tensor::search_sorted(x, y, right); }, sorted,
        values);
  });
  m.def("cumulative", &cumulative);
  m.def("linear_recurrence", [](const Value& a, const Value& b, int64_t axis, bool reverse) {
    return unlocked([&](const Value& x,
                        const Value& y) { return tensor::linear_recurrence(x, y, axis, reverse); },
                    a, b);
  });
  m.def("unique", &unique);
  m.def("unique_values", [](const Value& array) -> Value {
    if (array.is_traced()) return nb::cast<Value>(unique(array)[0]);
    return unlocked([](const Value& x) { return Value(tensor::unique_values(x.array())); }, array);
  });
  m.def("nonzero", &nonzero);
}

}  // namespace cne::bind
