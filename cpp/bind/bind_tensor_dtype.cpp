#include <complex>
#include <cstring>
#include <string>
#include <utility>

#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/elementwise_tile.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Element;
using tensor::ElementKind;

/// As a Python int checks the range of the type: an error of Python's when it does not fit.
Array integer_of(nb::handle object, Element element) {
  const auto width = static_cast<int>(tensor::size_of(element)) * 8;
  const nb::object index = nb::steal(PyNumber_Index(object.ptr()));
  if (!index.is_valid()) throw nb::python_error();
  const auto fail = [&] {
    PyErr_Format(PyExc_OverflowError, "%S is out of range for %s", index.ptr(),
                 tensor::name_of(element));
    throw nb::python_error();
  };
  Array out = Array::empty({element, {}, {}});
  if (tensor::kind_of(element) == ElementKind::kUnsigned) {
    const uint64_t value = PyLong_AsUnsignedLongLong(index.ptr());
    if (PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      fail();
    }
    if (width < 64 && value >> width != 0) fail();
    std::memcpy(out.mutable_data(), &value, tensor::size_of(element));
    return out;
  }
  int overflow = 0;
  const int64_t value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  const int64_t limit = width == 64 ? INT64_MAX : (int64_t{1} << (width - 1)) - 1;
  if (overflow != 0 || value > limit || value < -limit - 1) fail();
  std::memcpy(out.mutable_data(), &value, tensor::size_of(element));  // little-endian
  return out;
}

/// "bool", "int", "uint", "float" or "complex".
const char* kind_name(const DTypeObject& self) {
  constexpr const char* kNames[] = {"bool", "int", "uint", "float", "complex"};
  return kNames[static_cast<size_t>(tensor::kind_of(self.element))];
}

/// A number that is held by `wide` as an element.
Array number_of(Element wide, const void* value, Element element) {
  Array out = Array::empty({element, {}, {}});
  tensor::cast_tile(wide, value, element, out.mutable_data(), 1);
  return out;
}

}  // namespace

Array scalar_of(nb::handle object, Element element) {
  PyObject* const value = object.ptr();
  switch (tensor::kind_of(element)) {
    case ElementKind::kBool: {
      const int truth = PyObject_IsTrue(value);
      if (truth < 0) throw nb::python_error();
      const auto byte = static_cast<uint8_t>(truth);
      return Array::scalar(element, &byte);
    }
    case ElementKind::kSigned:
    case ElementKind::kUnsigned:
      return integer_of(object, element);
    case ElementKind::kFloat: {
      const double number = PyFloat_AsDouble(value);
      if (number == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
      return number_of(Element::kFloat64, &number, element);
    }
    case ElementKind::kComplex: {
      const Py_complex number = PyComplex_AsCComplex(value);
      if (number.real == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
      const std::complex<double> wide(number.real, number.imag);
      return number_of(Element::kComplex128, &wide, element);
    }
  }
  throw TypeError("scalar: unknown type");
}

namespace {

std::optional<Array> python_scalar_like(nb::handle object, Element like) {
  PyObject* const value = object.ptr();
  const ElementKind kind = tensor::kind_of(like);
  if (PyBool_Check(value)) return scalar_of(object, like);
  if (PyLong_Check(value))
    return scalar_of(object, kind == ElementKind::kBool ? Element::kInt64 : like);
  if (PyFloat_Check(value))
    return scalar_of(object, tensor::is_inexact(like) ? like : Element::kFloat32);
  if (PyComplex_Check(value)) return scalar_of(object, tensor::complex_of(like));
  return std::nullopt;
}

}  // namespace

std::optional<Array> wide_scalar(nb::handle object) {
  PyObject* const value = object.ptr();
  if (PyBool_Check(value)) return scalar_of(object, Element::kBool);
  if (PyLong_Check(value)) return scalar_of(object, Element::kInt64);
  if (PyFloat_Check(value)) return scalar_of(object, Element::kFloat64);
  if (PyComplex_Check(value)) return scalar_of(object, Element::kComplex128);
  return std::nullopt;
}

nb::handle class_of(const char* module, const char* name) {
  return nb::object(nb::module_::import_(module).attr(name)).release();
}

std::optional<Array> scalar_like(nb::handle object, Element like) {
  if (auto out = python_scalar_like(object, like)) return out;
  static const nb::handle number = class_of("numpy", "number");
  static const nb::handle truth = class_of("numpy", "bool_");
  if (!nb::isinstance(object, number) && !nb::isinstance(object, truth)) return std::nullopt;
  return python_scalar_like(object.attr("item")(), like);
}

bool is_numpy_array(nb::handle object) {
  static const nb::handle array = class_of("numpy", "ndarray");
  return nb::isinstance(object, array);
}

namespace {

/// By its name, or a class of Python or NumPy: `float` is the type that floats become.
DTypeObject dtype_of(nb::handle object) {
  if (nb::isinstance<DTypeObject>(object)) return *nb::inst_ptr<DTypeObject>(object);
  constexpr std::pair<PyTypeObject*, Element> kClasses[] = {{&PyBool_Type, Element::kBool},
                                                            {&PyLong_Type, Element::kInt64},
                                                            {&PyFloat_Type, Element::kFloat32},
                                                            {&PyComplex_Type, Element::kComplex64}};
  for (const auto& [type, element] : kClasses)
    if (object.ptr() == reinterpret_cast<PyObject*>(type)) return {element};
  std::string name;
  if (!nb::try_cast(object, name))
    name = nb::cast<std::string>(nb::module_::import_("numpy").attr("dtype")(object).attr("name"));
  for (int i = 0; i < tensor::kElements; ++i)
    if (name == tensor::name_of(static_cast<Element>(i))) return {static_cast<Element>(i)};
  throw TypeError(message("dtype: expected a type of elements, got \"", name, "\""));
}

/// Whether `other` is the type by its name, or NumPy's type or class of scalars, as NumPy compares
/// them. Python's classes are none: `float` is float32 here and float64 there.
bool is_equal(const DTypeObject& self, nb::handle other) {
  if (nb::isinstance<DTypeObject>(other))
    return nb::inst_ptr<DTypeObject>(other)->element == self.element;
  const char* const name = tensor::name_of(self.element);
  if (nb::isinstance<nb::str>(other)) return nb::cast<std::string>(other) == name;
  static const nb::handle dtype = class_of("numpy", "dtype");
  static const nb::handle scalar = class_of("numpy", "generic");
  if (nb::isinstance(other, dtype))
    return nb::cast<bool>(other.attr("isnative")) &&
           nb::cast<std::string>(other.attr("name")) == name;
  if (PyType_Check(other.ptr()) == 0 || PyObject_IsSubclass(other.ptr(), scalar.ptr()) != 1)
    return false;
  return nb::cast<std::string>(other.attr("__name__")) == name;
}

}  // namespace

void bind_tensor_dtype(nb::module_& m) {
  nb::class_<DTypeObject>(m, "DType")
      .def(
          "__init__",
          [](DTypeObject* self, nb::handle object) { new (self) DTypeObject(dtype_of(object)); },
          nb::arg("name"))
      .def("__reduce__",
           [](const DTypeObject& self) {
             return nb::make_tuple(nb::type<DTypeObject>(),
                                   nb::make_tuple(tensor::name_of(self.element)));
           })
      .def_prop_ro("name", [](const DTypeObject& self) { return tensor::name_of(self.element); })
      .def_prop_ro("kind", &kind_name)
      .def_prop_ro("itemsize",
                   [](const DTypeObject& self) { return tensor::size_of(self.element); })
      .def("__eq__", &is_equal, nb::arg("other").none())
      .def("__hash__", [](const DTypeObject& self) { return static_cast<int>(self.element); })
      .def("__repr__", [](const DTypeObject& self) {
        return message("cnengine.tensor.", tensor::name_of(self.element));
      });
  nb::implicitly_convertible<nb::object, DTypeObject>();
  for (int i = 0; i < tensor::kElements; ++i) {
    const auto element = static_cast<Element>(i);
    m.attr(tensor::name_of(element)) = DTypeObject{element};
  }
  m.def("promote", [](const DTypeObject& a, const DTypeObject& b) -> std::optional<DTypeObject> {
    const auto out = tensor::promote(a.element, b.element);
    return out ? std::optional(DTypeObject{*out}) : std::nullopt;
  });
}

}  // namespace cne::bind
