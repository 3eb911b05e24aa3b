#include "bind/bind_tensor_key.h"

#include <string>
#include <vector>

#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/nonzero.h"
#include "tensor/trace.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Dims;
using tensor::Element;
using tensor::Value;
using tensor::Values;

[[noreturn]] void throw_index_error(const std::string& text) {
  PyErr_SetString(PyExc_IndexError, text.c_str());
  throw nb::python_error();
}

/// One part of a key.
struct Part {
  enum Kind : uint8_t { kSlice, kInteger, kNew, kRest, kIndices, kTruth };
  Kind kind;
  nb::handle object;  // of a slice
  int64_t index = 0;
  Value array;

  /// How many axes of the array it uses.
  int axes() const {
    if (kind == kNew || kind == kRest) return 0;
    return kind == kTruth ? array.rank() : 1;
  }
  bool is_advanced() const { return kind == kIndices || kind == kTruth; }
};

int64_t integer_of(const tensor::Array& array) {
  return *tensor::to_device(tensor::cast(array, Element::kInt64), {}).as<int64_t>();
}

Part part_of(nb::handle key) {
  if (PySlice_Check(key.ptr())) return {Part::kSlice, key, 0, {}};
  if (key.is_none()) return {Part::kNew, key, 0, {}};
  if (key.is(nb::ellipsis())) return {Part::kRest, key, 0, {}};
  const bool is_array = is_value(key);
  const bool is_foreign =
      !PyLong_Check(key.ptr()) && (nb::hasattr(key, "__dlpack__") || nb::hasattr(key, "__array__"));
  if (!is_array && !is_foreign && !PyBool_Check(key.ptr()) && PyIndex_Check(key.ptr())) {
    const Py_ssize_t index = PyNumber_AsSsize_t(key.ptr(), PyExc_IndexError);
    if (index == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
    return {Part::kInteger, key, index, {}};
  }
  const bool is_sequence = PyList_Check(key.ptr()) || PyBool_Check(key.ptr()) || is_foreign;
  if (!is_array && !is_sequence)
    throw_index_error(
        message("index: expected integers, slices, None, an ellipsis and arrays, got ",
                nb::cast<std::string>(nb::str(key))));
  Value array = is_array ? *nb::inst_ptr<Value>(key) : array_of(key);
  if (array.size() == 0 && PyList_Check(key.ptr())) array = cast(array, Element::kInt64);
  if (array.element() == Element::kBool) return {Part::kTruth, key, 0, array};
  if (!is_integer(array.element()))
    throw_index_error(
        message("index: expected arrays of integers or bool, got ", to_string(array.type())));
  if (array.rank() == 0 && !array.is_traced())
    return {Part::kInteger, key, integer_of(array.array()), {}};
  return {Part::kIndices, key, 0, array};
}

/// The parts of a key with one ellipsis.
std::vector<Part> parts_of(nb::handle key, int rank) {
  const nb::tuple keys =
      PyTuple_Check(key.ptr()) ? nb::borrow<nb::tuple>(key) : nb::make_tuple(nb::borrow(key));
  std::vector<Part> out;
  int used = 0;
  int ellipses = 0;
  for (nb::handle each : keys) {
    out.push_back(part_of(each));
    used += out.back().axes();
    ellipses += out.back().kind == Part::kRest ? 1 : 0;
  }
  if (used > rank)
    throw_index_error(message("index: expected at most ", rank, " indices, got ", used));
  if (ellipses > 1) throw_index_error("index: expected at most one ellipsis");
  if (ellipses == 0) out.push_back({Part::kRest, nb::ellipsis(), 0, {}});
  return out;
}

/// Goes through the parts of a key and puts a selection together.
class Reader {
 public:
  Reader(const Dims& shape, const std::vector<Part>& parts) : shape_(shape) {
    for (int axis = 0; axis < shape.size(); ++axis) {
      out_.starts.push_back(0);
      out_.steps.push_back(1);
    }
    out_.counts = shape;
    int used = 0;
    for (const Part& part : parts) {
      used += part.axes();
      out_.has_arrays |= part.is_advanced();
    }
    rest_ = shape.size() - used;
    for (const Part& part : parts) read(part);
    finish();
  }
  Selection result() { return std::move(out_); }

 private:
  void read(const Part& part) {
    switch (part.kind) {
      case Part::kSlice:
        see(take_slice(part.object));
        break;
      case Part::kNew:
        see(1);
        break;
      case Part::kRest:
        for (int i = 0; i < rest_; ++i) see(shape_[axis_++]);
        break;
      case Part::kInteger:
        take_integer(part.index);
        break;
      case Part::kIndices:
        add(part.array, shape_[axis_++]);
        break;
      case Part::kTruth:
        take_truth(part.array);
        break;
    }
    meet(part.is_advanced() || part.kind == Part::kInteger);
  }

  /// Where what arrays select goes in the result: in place of those parts if they are neighbours,
  /// else in front. As in NumPy an ellipsis stands between them even where it means no axis.
  void meet(bool is_advanced) {
    if (!out_.has_arrays) return;
    if (is_advanced && state_ == State::kBefore) {
      state_ = State::kWithin;
      front_ = kept_.size();
    } else if (is_advanced && state_ == State::kBehind) {
      front_ = 0;
    } else if (!is_advanced && state_ == State::kWithin) {
      state_ = State::kBehind;
    }
  }

  int64_t take_slice(nb::handle key) {
    Py_ssize_t start = 0;
    Py_ssize_t stop = 0;
    Py_ssize_t step = 0;
    if (PySlice_Unpack(key.ptr(), &start, &stop, &step) < 0) throw nb::python_error();
    const int64_t count = PySlice_AdjustIndices(shape_[axis_], &start, &stop, step);
    out_.starts[axis_] = count == 0 ? 0 : start;
    out_.steps[axis_] = count <= 1 ? 1 : step;
    out_.counts[axis_++] = count;
    return count;
  }

  void take_integer(int64_t index) {
    const int64_t extent = shape_[axis_];
    if (index < -extent || index >= extent)
      throw_index_error(message("index: expected an index of axis ", axis_, " of ", -extent, " to ",
                                extent - 1, ", got ", index));
    out_.starts[axis_] = index < 0 ? index + extent : index;
    out_.counts[axis_++] = 1;
  }

  /// Of several axes as if they were one: the places of what is true. By the standard bools may
  /// have no extent where the array has one; nothing is true, then.
  void take_truth(const Value& truth) {
    int64_t extent = 1;
    for (int axis = 0; axis < truth.rank(); ++axis) {
      if (truth.shape()[axis] != shape_[axis_] && truth.shape()[axis] != 0)
        throw_index_error(message("index: expected bools of the extent ", shape_[axis_],
                                  " for axis ", axis_, ", got ", to_string(truth.shape())));
      extent *= shape_[axis_++];
    }
    const Array line = tensor::reshape(tensor::concrete(truth, "index"), {truth.size()});
    truths_ += 1;
    add(tensor::nonzero(line)[0], extent);
  }

  /// An axis of what is seen, that stays or that an array of indices names places of.
  void see(int64_t extent) {
    kept_.push_back(out_.seen.size());
    push_seen(extent);
  }
  void add(const Value& indices, int64_t extent) {
    out_.axes.indexed.push_back(out_.seen.size());
    out_.indices.push_back(index_of(indices, "index"));
    push_seen(extent);
  }
  void push_seen(int64_t extent) {
    if (out_.seen.size() == tensor::kMaxRank)
      throw_index_error(message("index: expected at most ", tensor::kMaxRank, " axes"));
    out_.seen.push_back(extent);
  }

  /// All arrays of indices with one shape and type, and the axes of the result.
  void finish() {
    Dims common;
    bool is_wide = false;
    for (const Value& each : out_.indices) {
      is_wide |= each.element() != Element::kInt32;
      try {
        common = tensor::broadcast_shapes(common, each.shape(), "index");
      } catch (const ShapeError& error) {
        throw_index_error(error.what());
      }
    }
    if (common.size() + kept_.size() > tensor::kMaxRank)
      throw_index_error(message("index: expected at most ", tensor::kMaxRank, " axes"));
    for (Value& each : out_.indices)
      each = tensor::broadcast_to(tensor::cast(each, is_wide ? Element::kInt64 : Element::kInt32),
                                  common);
    out_.unique = truths_ == 1 && out_.indices.size() == 1;
    for (int i = 0; i <= kept_.size(); ++i) {
      for (int axis = 0; i == front_ && axis < common.size(); ++axis) {
        out_.axes.operand.push_back(-1);
        out_.axes.indices.push_back(axis);
        out_.shape.push_back(common[axis]);
      }
      if (i == kept_.size()) break;
      out_.axes.operand.push_back(kept_[i]);
      out_.axes.indices.push_back(-1);
      out_.shape.push_back(out_.seen[static_cast<int>(kept_[i])]);
    }
  }

  enum class State : uint8_t { kBefore, kWithin, kBehind };

  Dims shape_;
  int axis_ = 0;  // the next one of the array
  int rest_ = 0;  // axes that the ellipsis stands for
  int truths_ = 0;
  Dims kept_;  // axes of what is seen that stay
  State state_ = State::kBefore;
  int front_ = 0;
  Selection out_;
};

}  // namespace

Value array_of(nb::handle object) {
  return nb::cast<Value>(nb::module_::import_("cnengine.tensor.creation").attr("asarray")(object));
}

bool Selection::is_whole(const Dims& array_shape) const {
  if (!(counts == array_shape)) return false;
  for (int axis = 0; axis < steps.size(); ++axis)
    if (steps[axis] != 1 && counts[axis] > 1) return false;
  return true;
}

Selection selection_of(const Value& array, nb::handle key) {
  std::vector<Part> parts = parts_of(key, array.rank());
  // What is no array of ours, a list or one of NumPy, goes where the array is.
  if (!array.is_traced() && !array.array().device().is_cpu())
    for (Part& each : parts)
      if (each.array && !is_value(each.object))
        each.array = tensor::to_device(each.array.array(), array.array().device());
  return Reader(array.shape(), parts).result();
}

Value seen_block(const Value& array, const Selection& of) {
  const Value block =
      of.is_whole(array.shape()) ? array : tensor::slice(array, of.starts, of.steps, of.counts);
  return tensor::reshape(block, of.seen);
}

Value index_of(const Value& value, const char* function) {
  if (!is_integer(value.element()))
    throw TypeError(
        message(function, ": expected indices of integers, got ", to_string(value.type())));
  return value.element() == Element::kInt32 ? value : tensor::cast(value, Element::kInt64);
}

Value update_of(nb::handle object, Element element, const char* function) {
  if (!is_value(object)) {
    if (const auto scalar = scalar_like(object, element); scalar && scalar->element() == element)
      return *scalar;
  }
  Value value = is_value(object) ? *nb::inst_ptr<Value>(object) : array_of(object);
  if (value.is_weak()) value = strengthened(value, element);
  if (value.element() == element) return value;
  // Python's numbers in sequences go wherever one alone goes.
  const bool is_literal = PyList_Check(object.ptr()) || PyTuple_Check(object.ptr());
  const bool fits = is_literal ? kind_of(value.element()) <= kind_of(element) || is_integer(element)
                               : tensor::promote(value.element(), element) == element;
  if (!fits || (is_literal && is_inexact(value.element()) && is_integer(element)))
    throw TypeError(message(function, ": ", name_of(value.element()),
                            " does not go into an array of ", name_of(element), "; cast it"));
  return tensor::cast(value, element);
}

Value without_ones(const Value& value, int rank) {
  Dims shape = value.shape();
  while (shape.size() > rank && shape[0] == 1) shape.erase(0);
  return shape.size() == value.rank() ? value : tensor::reshape(value, shape);
}

}  // namespace cne::bind
