#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind/bind_tensor.h"
#include "bind/bind_tensor_key.h"
#include "core/error.h"
#include "tensor/band.h"
#include "tensor/dynamic_slice.h"
#include "tensor/elementwise.h"
#include "tensor/gather.h"
#include "tensor/iota.h"
#include "tensor/pad.h"
#include "tensor/scatter.h"
#include "tensor/strided_copy.h"
#include "tensor/view.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Dims;
using tensor::Element;
using tensor::ElementOp;
using tensor::IndexAxes;
using tensor::IndexMode;
using tensor::ScatterOp;
using tensor::Value;
using tensor::Values;

IndexMode mode_of(const std::string& name) {
  if (name == "checked") return IndexMode::kChecked;
  if (name == "clip") return IndexMode::kClip;
  if (name == "skip") return IndexMode::kSkip;
  throw ArgumentError(
      message("index: expected the mode checked, clip or skip, got \"", name, "\""));
}

ScatterOp scatter_op_of(const std::string& name) {
  const auto op = tensor::parse_scatter_op(name);
  if (!op) throw ArgumentError(message("scatter: no operation \"", name, "\""));
  return *op;
}

/// Lets go of the interpreter while large arrays are moved.
template <typename F>
Value run(const Value& largest, bool traced, const F& f) {
  constexpr int64_t kUnlockedSize = 16'384;
  if (traced || largest.size() < kUnlockedSize) return f();
  const ReleaseInterpreter unlocked;
  return f();
}

bool is_any_traced(const Value& value, tensor::ValueSpan others) {
  for (const Value& each : others)
    if (each.is_traced()) return true;
  return value.is_traced();
}

// Values are copied where the interpreter is let go of: another thread may write `x[key] = v`.

Value gather(const Value operand, const Values& indices, const IndexAxes& axes, IndexMode mode) {
  return run(indices.empty() ? operand : indices[0], is_any_traced(operand, indices),
             [&] { return tensor::gather(operand, indices, axes, mode); });
}

Value scatter(ScatterOp op, const Value operand, const Values& indices, const Value updates,
              const IndexAxes& axes, IndexMode mode, bool unique) {
  return run(operand, is_any_traced(operand, indices) || updates.is_traced(),
             [&] { return tensor::scatter(op, operand, indices, updates, axes, mode, unique); });
}

Value take(const Value& array, const Value& indices, int64_t axis, const std::string& mode) {
  const int along = tensor::normalize_axis(axis, array.rank(), "take");
  if (array.rank() - 1 + indices.rank() > tensor::kMaxRank)
    throw ShapeError(message("take: expected at most ", tensor::kMaxRank, " axes"));
  return gather(array, {index_of(indices, "take")},
                tensor::take_axes(array.rank(), along, indices.rank()), mode_of(mode));
}

/// Both with the same extents along all but one axis.
std::pair<Value, Value> aligned(const Value& array, const Value& indices, int axis,
                                const char* function) {
  if (array.rank() != indices.rank())
    throw ShapeError(message(function, ": expected arrays with as many axes, got ",
                             to_string(array.shape()), " and ", to_string(indices.shape())));
  Dims shape = array.shape();
  Dims index_shape = indices.shape();
  shape[axis] = index_shape[axis] = 1;
  const Dims common = tensor::broadcast_shapes(shape, index_shape, function);
  shape = index_shape = common;
  shape[axis] = array.shape()[axis];
  index_shape[axis] = indices.shape()[axis];
  return {tensor::broadcast_to(array, shape), tensor::broadcast_to(indices, index_shape)};
}

Value take_along(const Value& array, const Value& indices, int64_t axis, const std::string& mode) {
  const int along = tensor::normalize_axis(axis, array.rank(), "take_along_axis");
  const auto [operand, places] =
      aligned(array, index_of(indices, "take_along_axis"), along, "take_along_axis");
  return gather(operand, {places}, tensor::along_axes(array.rank(), along), mode_of(mode));
}

Value put_along(const std::string& op, const Value& array, const Value& indices, nb::handle updates,
                int64_t axis, const std::string& mode) {
  const int along = tensor::normalize_axis(axis, array.rank(), "put_along_axis");
  const auto [operand, places] =
      aligned(array, index_of(indices, "put_along_axis"), along, "put_along_axis");
  const Value values =
      tensor::broadcast_to(update_of(updates, array.element(), "put_along_axis"), places.shape());
  return scatter(scatter_op_of(op), operand, {places}, values,
                 tensor::along_axes(array.rank(), along), mode_of(mode), false);
}

Value get(const Value& array, nb::handle key, const std::string& mode) {
  const Selection of = selection_of(array, key);
  const Value block = seen_block(array, of);
  return of.has_arrays ? gather(block, of.indices, of.axes, mode_of(mode)) : block;
}

/// What the selected block becomes, in the shape that the key sees it.
Value changed_block(ScatterOp op, const Value& array, const Selection& of, const Value& value,
                    IndexMode mode) {
  const Value updates = tensor::broadcast_to(without_ones(value, of.shape.size()), of.shape);
  if (of.has_arrays)
    return scatter(op, seen_block(array, of), of.indices, updates, of.axes, mode, of.unique);
  return op == ScatterOp::kSet ? updates
                               : tensor::elementwise(pairwise(op), seen_block(array, of), updates);
}

Value put(const std::string& name, const Value array, nb::handle key, nb::handle value,
          const std::string& mode) {
  const Selection of = selection_of(array, key);
  const Value block =
      tensor::reshape(changed_block(scatter_op_of(name), array, of,
                                    update_of(value, array.element(), "at"), mode_of(mode)),
                      of.counts);
  if (of.is_whole(array.shape())) return block;
  return run(array, array.is_traced() || block.is_traced(),
             [&] { return tensor::update_slice(array, block, of.starts, of.steps); });
}

/// Writes into the bytes themselves, which nobody else holds: only the block is moved. False where
/// somebody does. The interpreter is not let go of, so nobody can take hold of them
/// meanwhile; an update that is of the same bytes holds them, too.
bool set_in_place(const Value& value, const Selection& of, const Value& update) {
  if (value.is_traced() || update.is_traced() || !value.array().is_sole()) return false;
  for (const Value& each : of.indices)
    if (each.is_traced()) return false;
  Array target = value.array();
  Array seen = of.has_arrays ? seen_block(value, of).array() : Array();
  if (seen && seen.buffer().data() == target.buffer().data() && seen.is_contiguous()) {
    const Value given = tensor::broadcast_to(without_ones(update, of.shape.size()), of.shape);
    std::vector<Array> indices;
    for (const Value& each : of.indices) indices.push_back(each.array());
    tensor::scatter_into(ScatterOp::kSet, seen, indices, given.array(), of.axes,
                         IndexMode::kChecked, of.unique);
    return true;
  }
  const Value block = changed_block(ScatterOp::kSet, value, of, update, IndexMode::kChecked);
  tensor::copy_into(target, of.starts, of.steps, tensor::reshape(block.array(), of.counts));
  return true;
}

/// Writes where nobody else holds the bytes; else makes another array with the elements changed, so
/// that who holds them does not see it.
void set_item(nb::handle self, nb::handle key, nb::handle value) {
  Value& array = *nb::inst_ptr<Value>(self);
  const Selection of = selection_of(array, key);
  const Value update = update_of(value, array.element(), "setitem");
  if (set_in_place(array, of, update)) return;
  const Value block = tensor::reshape(
      changed_block(ScatterOp::kSet, array, of, update, IndexMode::kChecked), of.counts);
  const bool is_traced = array.is_traced() || block.is_traced();
  if (of.is_whole(array.shape())) {
    array = is_traced ? block : Value(tensor::contiguous(block.array()));
  } else {
    const Value before = array;
    array = run(before, is_traced,
                [&] { return tensor::update_slice(before, block, of.starts, of.steps); });
  }
}

}  // namespace

Value get_by_key(const Value& array, nb::handle key) {
  try {
    return get(array, key, "checked");
  } catch (const ArgumentError& error) {
    PyErr_SetString(PyExc_IndexError, error.what());
    throw nb::python_error();
  }
}

void bind_tensor_index(nb::module_& m, nb::class_<Value>& array) {
  array.def("__setitem__", &set_item, nb::arg("key").none(), nb::arg("value"));
  m.def("get", &get, nb::arg("array"), nb::arg("key").none(), nb::arg("mode"));
  m.def("put", &put, nb::arg("op"), nb::arg("array"), nb::arg("key").none(), nb::arg("value"),
        nb::arg("mode"));
  m.def("take", &take);
  m.def("take_along", &take_along);
  m.def("put_along", &put_along);
  m.def("pad", [](const Value& array, const Value& value, const std::vector<int64_t>& low,
                  const std::vector<int64_t>& high, const std::vector<int64_t>& interior) {
    return tensor::pad(array, value, dims_of(low, "pad"), dims_of(high, "pad"),
                       dims_of(interior, "pad"));
  });
  m.def("iota", [](const std::vector<int64_t>& shape, int64_t axis, const DTypeObject& type) {
    return Value(tensor::iota({type.element, dims_of(shape, "iota"), {}}, axis));
  });
  m.def("arange",
        [](int64_t count, const Value& first, const Value& step, const DTypeObject& type) {
          return Value(tensor::arange(type.element, count, first.array(), step.array()));
        });
  m.def("linspace",
        [](int64_t count, double first, double last, int64_t parts, const DTypeObject& type) {
          return Value(tensor::linspace(type.element, count, first, last, parts));
        });
  m.def("band",
        [](int64_t rows, int64_t columns, int64_t low, int64_t high, const DTypeObject& type) {
          return Value(tensor::band({type.element, {rows, columns}, {}}, low, high));
        });
  m.def("empty", [](const std::vector<int64_t>& shape, const DTypeObject& type) {
    const Dims dims = dims_of(shape, "empty");
    tensor::check_shape(dims, type.element, "empty");
    return Value(Array::empty({type.element, dims, {}}));
  });
  m.def("dynamic_slice",
        [](const Value& array, nb::handle starts, const std::vector<int64_t>& sizes) {
          return tensor::dynamic_slice(array, values_of(starts), dims_of(sizes, "dynamic_slice"));
        });
  m.def("dynamic_update_slice", [](const Value& array, const Value& update, nb::handle starts) {
    return tensor::dynamic_update_slice(array, update, values_of(starts));
  });
}

}  // namespace cne::bind
