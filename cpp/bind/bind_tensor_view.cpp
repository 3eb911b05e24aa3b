#include <nanobind/stl/vector.h>

#include "bind/bind_tensor_key.h"
#include "core/error.h"
#include "tensor/concat.h"
#include "tensor/view.h"

namespace cne::bind {

namespace {

using tensor::Dims;
using tensor::Value;

/// One key of an index on one axis of what is left; says how many axes it has used up.
Value index_one(const Value& array, nb::handle key, int& axis) {
  if (PySlice_Check(key.ptr())) {
    Py_ssize_t start = 0;
    Py_ssize_t stop = 0;
    Py_ssize_t step = 0;
    if (PySlice_Unpack(key.ptr(), &start, &stop, &step) < 0) throw nb::python_error();
    const Py_ssize_t count = PySlice_AdjustIndices(array.shape()[axis], &start, &stop, step);
    return tensor::slice_axis(array, axis++, start, step, count);
  }
  if (!PyBool_Check(key.ptr()) && PyIndex_Check(key.ptr())) {
    const Py_ssize_t index = PyNumber_AsSsize_t(key.ptr(), PyExc_IndexError);
    if (index == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
    const int64_t extent = array.shape()[axis];
    if (index < -extent || index >= extent) {
      PyErr_Format(PyExc_IndexError, "index: expected an index of axis %d of %lld to %lld, got %zd",
                   axis, static_cast<long long>(-extent), static_cast<long long>(extent - 1),
                   index);
      throw nb::python_error();
    }
    return tensor::take_one(array, axis, index);
  }
  PyErr_Format(PyExc_IndexError, "index: expected integers, slices, None and an ellipsis, got %S",
               key.ptr());
  throw nb::python_error();
}

bool is_basic(nb::handle key) {
  return PySlice_Check(key.ptr()) || key.is_none() || key.is(nb::ellipsis()) ||
         (PyLong_Check(key.ptr()) && !PyBool_Check(key.ptr()));
}

/// Integers, slices, None and one ellipsis: a view. Others are looked up.
Value get_item(const Value& array, nb::handle key) {
  const nb::tuple keys =
      PyTuple_Check(key.ptr()) ? nb::borrow<nb::tuple>(key) : nb::make_tuple(nb::borrow(key));
  for (nb::handle each : keys)
    if (!is_basic(each)) return get_by_key(array, key);
  int used = 0;
  for (nb::handle each : keys) used += each.is(nb::ellipsis()) || each.is_none() ? 0 : 1;
  if (used > array.rank()) {
    PyErr_Format(PyExc_IndexError, "index: expected at most %d indices, got %d", array.rank(),
                 used);
    throw nb::python_error();
  }
  Value out = array;
  int axis = 0;
  bool seen = false;
  for (nb::handle each : keys) {
    if (each.is(nb::ellipsis())) {
      if (seen) {
        PyErr_SetString(PyExc_IndexError, "index: expected at most one ellipsis");
        throw nb::python_error();
      }
      seen = true;
      axis += array.rank() - used;
    } else if (each.is_none()) {
      out = tensor::expand_dims(out, {axis++});
    } else {
      out = index_one(out, each, axis);
    }
  }
  return out;  // axes that are not named are taken whole
}

/// The arrays of a list or a tuple if they are of one element type; else, or where one is a number
/// of Python, nothing.
std::optional<tensor::Values> alike(nb::handle sequence) {
  if (!PyList_Check(sequence.ptr()) && !PyTuple_Check(sequence.ptr())) return std::nullopt;
  tensor::Values out;
  out.reserve(nb::len(sequence));
  for (nb::handle each : sequence) {
    if (!is_value(each)) return std::nullopt;
    const Value& value = *nb::inst_ptr<Value>(each);
    if (value.is_weak() || (!out.empty() && value.element() != out[0].element()))
      return std::nullopt;
    out.push_back(value);
  }
  if (out.empty()) return std::nullopt;
  return out;
}

/// None where the arrays are not alike.
std::optional<Value> concat_alike(nb::handle sequence, int64_t axis) {
  const auto values = alike(sequence);
  if (!values) return std::nullopt;
  return tensor::concat(*values, axis);
}

/// Arrays along a new axis; None where they are not of one type, or the axis is not from 0 on.
std::optional<Value> stack_alike(nb::handle sequence, int64_t axis) {
  auto values = alike(sequence);
  if (!values) return std::nullopt;
  const Dims shape = (*values)[0].shape();
  if (axis < 0 || axis > shape.size()) return std::nullopt;
  for (const Value& each : *values)
    if (!(each.shape() == shape)) return std::nullopt;
  if (axis == 0 && !shape.empty()) {
    Dims whole = shape;
    whole.insert(0, static_cast<int64_t>(values->size()));
    return tensor::reshape(tensor::concat(*values, 0), whole);
  }
  for (Value& each : *values)
    each = each.is_traced() ? tensor::expand_dims(each, Dims{axis})
                            : Value(tensor::expand_dims(each.array(), Dims{axis}));
  return tensor::concat(*values, axis);
}

}  // namespace

Dims dims_of(const std::vector<int64_t>& values, const char* function) {
  if (values.size() > static_cast<size_t>(tensor::kMaxRank))
    throw ShapeError(
        message(function, ": expected at most ", tensor::kMaxRank, " axes, got ", values.size()));
  Dims out;
  for (const int64_t value : values) out.push_back(value);
  return out;
}

void bind_tensor_view(nb::module_& m, nb::class_<Value>& array) {
  using Axes = std::vector<int64_t>;
  array.def("__getitem__", &get_item, nb::arg("key").none());
  m.def("concat",
        [](nb::handle values, int64_t axis) { return tensor::concat(values_of(values), axis); });
  m.def("concat_alike", &concat_alike);
  m.def("stack_alike", &stack_alike);
  m.def("move_axis", &tensor::move_axis);
  m.def("take_one",
        [](const Value& a, int axis, int64_t index) { return tensor::take_one(a, axis, index); });
  m.def("reshape", [](const Value& a, const Axes& shape) {
    return tensor::reshape(a, dims_of(shape, "reshape"));
  });
  m.def("permute_dims", [](const Value& a, const Axes& axes) {
    return tensor::permute(a, dims_of(axes, "permute_dims"));
  });
  m.def("expand_dims", [](const Value& a, const Axes& axes) {
    return tensor::expand_dims(a, dims_of(axes, "expand_dims"));
  });
  m.def("squeeze", [](const Value& a, const Axes& axes) {
    return tensor::squeeze(a, dims_of(axes, "squeeze"));
  });
  m.def("broadcast_to", [](const Value& a, const Axes& shape) {
    return tensor::broadcast_to(a, dims_of(shape, "broadcast_to"));
  });
  m.def("flip",
        [](const Value& a, const Axes& axes) { return tensor::flip(a, dims_of(axes, "flip")); });
}

}  // namespace cne::bind
