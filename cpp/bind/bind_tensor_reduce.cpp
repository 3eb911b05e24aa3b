#include <nanobind/stl/vector.h>

#include "bind/bind_tensor_unlocked.h"
#include "core/error.h"
#include "tensor/reduce.h"

namespace cne::bind {

namespace {

using tensor::Dims;
using tensor::Value;

/// Without axes: of all.
Value reduce(const std::string& name, const Value& array,
             const std::optional<std::vector<int64_t>>& axes, bool keep_dims) {
  const auto op = tensor::parse_reduce_op(name);
  if (!op) throw ArgumentError(message("reduce: no operation \"", name, "\""));
  Dims dims;
  if (!axes) dims = Dims::range(0, array.rank());
  if (axes && axes->size() > static_cast<size_t>(array.rank()))
    throw ArgumentError(
        message(name, ": expected at most ", array.rank(), " axes, got ", axes->size()));
  if (axes)
    for (const int64_t axis : *axes) dims.push_back(axis);
  return unlocked([&](const Value& x) { return tensor::reduce(*op, x, dims, keep_dims); }, array);
}

}  // namespace

void bind_tensor_reduce(nb::module_& m) {
  m.def("reduce", &reduce, nb::arg("name"), nb::arg("array"), nb::arg("axes").none(),
        nb::arg("keep_dims"));
}

}  // namespace cne::bind
