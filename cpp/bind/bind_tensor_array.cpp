#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/cuda_device.h"
#include "tensor/elementwise.h"
#include "tensor/trace.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Dims;
using tensor::Element;
using tensor::ElementKind;
using tensor::Value;

constexpr int32_t kDlCpu = 1;
constexpr int32_t kDlCuda = 2;

nb::dlpack::dtype to_dlpack(Element element) {
  using Code = nb::dlpack::dtype_code;
  Code code = Code::Float;
  switch (tensor::kind_of(element)) {
    case ElementKind::kBool:
      code = Code::Bool;
      break;
    case ElementKind::kSigned:
      code = Code::Int;
      break;
    case ElementKind::kUnsigned:
      code = Code::UInt;
      break;
    case ElementKind::kFloat:
      code = element == Element::kBFloat16 ? Code::Bfloat : Code::Float;
      break;
    case ElementKind::kComplex:
      code = Code::Complex;
      break;
  }
  return {static_cast<uint8_t>(code), static_cast<uint8_t>(tensor::size_of(element) * 8), 1};
}

Element from_dlpack_type(nb::dlpack::dtype type) {
  for (int i = 0; i < tensor::kElements; ++i)
    if (to_dlpack(static_cast<Element>(i)) == type) return static_cast<Element>(i);
  throw TypeError(message("from_dlpack: no element type has DLPack's code ", int{type.code}, " of ",
                          int{type.bits}, " bits"));
}

using Imported = nb::ndarray<nb::ro>;

/// The same bytes, which the other library's array keeps.
/// Bytes other than 0 and 1, which views of other bytes may have, become 1.
Array with_plain_bools(Array array) {
  const Array bytes = tensor::contiguous(array);
  const uint8_t* data = bytes.data();
  const int64_t size = bytes.size();
  uint8_t seen = 0;
  for (int64_t i = 0; i < size; ++i) seen |= data[i];
  if (seen <= 1) return array;
  Array out = Array::empty({Element::kBool, array.shape(), {}});
  uint8_t* to = out.mutable_data();
  for (int64_t i = 0; i < size; ++i) to[i] = data[i] != 0 ? 1 : 0;
  return out;
}

Array import_array(Imported array) {
  if (array.device_type() != kDlCpu && array.device_type() != kDlCuda)
    throw UnsupportedError(
        message("from_dlpack: expected an array on the CPU or a CUDA device, got ",
                "DLPack's device type ", array.device_type()));
  Device device;
  if (array.device_type() == kDlCuda) device = {Device::Kind::kCuda, array.device_id()};
  const Element element = from_dlpack_type(array.dtype());
  if (array.ndim() > static_cast<size_t>(tensor::kMaxRank))
    throw ShapeError(
        message("from_dlpack: expected at most ", tensor::kMaxRank, " axes, got ", array.ndim()));
  Dims shape;
  Dims strides;
  int64_t low = 0;
  int64_t high = 0;
  for (size_t axis = 0; axis < array.ndim(); ++axis) {
    shape.push_back(static_cast<int64_t>(array.shape(axis)));
    strides.push_back(array.stride(axis));
    const int64_t reach = (shape.back() - 1) * strides.back();
    (reach < 0 ? low : high) += reach;
  }
  tensor::check_shape(shape, element, "from_dlpack");
  const auto width = static_cast<int64_t>(tensor::size_of(element));
  const bool is_empty = tensor::product(shape) == 0;
  if (is_empty) low = high = 0;
  // The capsule is let go of by whichever thread lets go of the bytes.
  std::shared_ptr<Imported> owner(new Imported(std::move(array)),
                                  [](Imported* held) { drop_locked([held] { delete held; }); });
  const auto* first = static_cast<const uint8_t*>(owner->data()) + low * width;
  const auto size = static_cast<size_t>(is_empty ? 0 : (high - low + 1) * width);
  Buffer buffer = Buffer::wrap(first, size, owner, device);
  Array out({element, shape, device}, std::move(buffer), -low * width, strides);
  return element == Element::kBool && device.is_cpu() ? with_plain_bools(std::move(out)) : out;
}

/// An object that other libraries read by DLPack without a copy.
nb::ndarray<> export_array(const Array& array, nb::handle owner) {
  size_t shape[tensor::kMaxRank];
  int64_t strides[tensor::kMaxRank];
  for (int axis = 0; axis < array.rank(); ++axis) {
    shape[axis] = static_cast<size_t>(array.shape()[axis]);
    strides[axis] = array.strides()[axis];
  }
  const Device device = array.device();
  return nb::ndarray<>(const_cast<uint8_t*>(array.address()), static_cast<size_t>(array.rank()),
                       shape, owner, strides, to_dlpack(array.element()),
                       device.is_cpu() ? kDlCpu : kDlCuda, device.index);
}

/// What leaves for other libraries, where derivatives and batches would be lost.
const Array& untraced(const Value& value, const char* function) {
  if (value.is_traced() && value.tracer()->trace->name() == std::string("donated"))
    tensor::innermost(tensor::ValueSpan(&value, 1), function);  // says so
  if (value.is_traced())
    throw tensor::TracedError(message(
        function, ": expected an array, got ", tensor::to_string(value.type()), " inside ",
        value.tracer()->trace->name(), "; other libraries cannot take part in transformations"));
  return value.array();
}

/// The one element as Python's bool, int, float or complex.
nb::object python_scalar(const Value& value, const char* function) {
  const Array array = tensor::concrete(value.wide(), function);
  if (array.size() != 1)
    throw ShapeError(
        message(function, ": expected an array of one element, got ", to_string(array.type())));
  const Array one = tensor::reshape(tensor::to_device(array, {}), {});
  switch (tensor::kind_of(one.element())) {
    case ElementKind::kBool:
      return nb::bool_(*one.data() != 0);
    case ElementKind::kSigned:
      return nb::int_(*tensor::cast(one, Element::kInt64).as<int64_t>());
    case ElementKind::kUnsigned:
      return nb::int_(*tensor::cast(one, Element::kUInt64).as<uint64_t>());
    case ElementKind::kFloat:
      return nb::float_(*tensor::cast(one, Element::kFloat64).as<double>());
    case ElementKind::kComplex: {
      const Array wide = tensor::cast(one, Element::kComplex128);
      return nb::steal(PyComplex_FromDoubles(wide.as<double>()[0], wide.as<double>()[1]));
    }
  }
  return nb::none();
}

/// The array on the device that a consumer asks for: where it is, or on the CPU.
Array for_consumer(const Array& array, nb::handle wanted, nb::handle copy) {
  if (wanted.is_none()) return array;
  const auto [kind, index] = nb::cast<std::tuple<int, int>>(wanted);
  const Device device = array.device();
  if (kind == (device.is_cpu() ? kDlCpu : kDlCuda) && index == device.index) return array;
  const bool may_copy = copy.is_none() || nb::cast<bool>(copy);
  if (kind != kDlCpu || !may_copy) {
    PyErr_Format(PyExc_BufferError,
                 "__dlpack__: expected the device of the array, %s, got (%d, %d)",
                 tensor::to_string(device).c_str(), kind, index);
    throw nb::python_error();
  }
  return tensor::to_device(array, {});
}

/// What a consumer does on its stream later comes after what was asked for here. Of the numbers of
/// the Array API standard None and 1 are CUDA's default stream, which waits by itself.
void let_consumer_wait(Device device, nb::handle stream) {
  if (device.is_cpu() || stream.is_none()) return;
  const auto number = nb::cast<int64_t>(stream);
  if (number == 0 || number < -1)
    throw ArgumentError(message(
        "__dlpack__: expected a stream of CUDA as the standard numbers them, got ", number));
  if (number > 1)
    tensor::cuda_device(device.index, "__dlpack__").let_wait(reinterpret_cast<void*>(number));
}

nb::tuple shape_of(const Value& value) {
  nb::object out = nb::steal(PyTuple_New(value.rank()));
  for (int axis = 0; axis < value.rank(); ++axis)
    PyTuple_SET_ITEM(out.ptr(), axis, PyLong_FromLongLong(value.shape()[axis]));
  return nb::borrow<nb::tuple>(out);
}

/// Whether nested lists and tuples have an array somewhere.
bool has_arrays(nb::handle object) {
  const bool is_list = PyList_Check(object.ptr());
  if (!is_list && !PyTuple_Check(object.ptr())) return nb::isinstance<Value>(object);
  if (Py_EnterRecursiveCall(" in asarray") != 0) throw nb::python_error();
  const std::unique_ptr<PyObject, void (*)(PyObject*)> leave(
      object.ptr(), [](PyObject*) { Py_LeaveRecursiveCall(); });
  bool out = false;
  const auto item = [&](Py_ssize_t i) {
    return is_list ? PyList_GET_ITEM(object.ptr(), i) : PyTuple_GET_ITEM(object.ptr(), i);
  };
  const auto count = [&] {
    return is_list ? PyList_GET_SIZE(object.ptr()) : PyTuple_GET_SIZE(object.ptr());
  };
  for (Py_ssize_t i = 0; i < count() && !out; ++i)
    if (!PyFloat_CheckExact(item(i)) && !PyLong_CheckExact(item(i))) out = has_arrays(item(i));
  return out;
}

}  // namespace

nb::class_<Value> bind_tensor_array(nb::module_& m) {
  nb::class_<Value> array(m, "Array");
  // Functions take whatever `asarray` does.
  array
      .def(
          "__init__", [](Value* self, nb::handle object) { new (self) Value(array_of(object)); },
          nb::arg("object"))
      .def_prop_ro("shape", &shape_of)
      .def_prop_ro("dtype", [](const Value& self) { return DTypeObject{self.element()}; })
      .def_prop_ro("ndim", &Value::rank)
      .def_prop_ro("size", &Value::size)
      .def_prop_ro("_trace",
                   [](const Value& self) -> std::optional<std::string> {
                     if (!self.is_traced()) return std::nullopt;
                     return self.tracer()->trace->name();
                   })
      .def_prop_ro("device",
                   [](const Value& self) { return tensor::to_string(self.type().device); })
      .def("__dlpack_device__",
           [](const Value& self) {
             const Device device = self.type().device;
             return nb::make_tuple(device.is_cpu() ? kDlCpu : kDlCuda, device.index);
           })
      .def(
          "__dlpack__",
          [](nb::handle self, nb::handle stream, nb::handle, nb::handle wanted, nb::handle copy) {
            Array array = untraced(nb::cast<const Value&>(self), "__dlpack__");
            array = for_consumer(array, wanted, copy);
            let_consumer_wait(array.device(), stream);
            if (!copy.is_none() && nb::cast<bool>(copy)) {
              const Array fresh = tensor::copy(array);
              return export_array(fresh, nb::cast(Value(fresh)));
            }
            // What holds the bytes is another object, so that they are not written any more.
            return export_array(array, nb::cast(Value(array)));
          },
          nb::kw_only(), nb::arg("stream").none() = nb::none(),
          nb::arg("max_version").none() = nb::none(), nb::arg("dl_device").none() = nb::none(),
          nb::arg("copy").none() = nb::none())
      .def("_scalar", &python_scalar, nb::arg("function") = "scalar");
  nb::implicitly_convertible<nb::object, Value>();
  m.def(
      "from_dlpack", [](Imported array) { return Value(import_array(std::move(array))); },
      nb::arg("array"));
  m.def("cast", [](const Value& a, const DTypeObject& type) {
    return tensor::cast(a.wide(), type.element);
  });
  m.def("settled", [](nb::handle_t<Value> a) -> nb::object {
    const Value& value = *nb::inst_ptr<Value>(a);
    return value.is_weak() ? nb::cast(tensor::cast(value.wide(), value.element())) : nb::borrow(a);
  });
  m.def("wide", [](nb::handle object) -> std::optional<Value> {
    if (!is_value(object)) return wide_scalar(object);
    const Value& value = *nb::inst_ptr<Value>(object);
    return value.is_weak() ? std::optional(value.wide()) : std::nullopt;
  });
  m.def("number_of_wide", [](const Value& wide) {  // again a number of Python
    return wide.is_traced() ? nb::cast(wide.tracer()->trace->weakened(wide))
                            : python_scalar(wide, "number");
  });
  m.def("copy", [](const Value& a) { return a.is_traced() ? a : Value(tensor::copy(a.array())); });
  m.def("device_name", [](const std::string& name) {
    const auto device = tensor::parse_device(name);
    return device ? tensor::to_string(*device) : name;
  });
  m.def("let_wait",
        [](const Value& a, nb::handle stream) { let_consumer_wait(a.type().device, stream); });
  m.def("to_device", [](const Value& a, const std::string& name, const char* function) {
    const auto device = tensor::parse_device(name);
    if (!device)
      throw UnsupportedError(message(
          function, ": expected the device \"cpu\", \"cuda\" or \"cuda:1\", got \"", name, "\""));
    if (!device->is_cpu()) tensor::cuda_device(device->index, function);
    if (a.is_traced()) return tensor::to_device(a, *device);
    const Array array = a.array();
    const ReleaseInterpreter unlocked;
    return Value(tensor::to_device(array, *device));
  });
  m.def("full", [](const std::vector<int64_t>& shape, nb::handle value, const DTypeObject& type) {
    const Dims dims = dims_of(shape, "full");
    tensor::check_shape(dims, type.element, "full");
    return Value(tensor::copy(tensor::broadcast_to(scalar_of(value, type.element), dims)));
  });
  m.def("has_arrays", &has_arrays, nb::arg("object").none());
  // One number, told apart by where it lies: for what begins derivatives.
  m.def("number_like", [](nb::handle value, const Value& like) {
    const Array one = scalar_of(value, like.element());
    return Value(tensor::broadcast_to(tensor::to_device(one, like.type().device), like.shape()));
  });
  return array;
}

}  // namespace cne::bind
