#include "bind/bind_tensor.h"
#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Element;
using tensor::ElementOp;

/// Below so many elements it costs more to let go of the interpreter than to compute.
constexpr int64_t kUnlockedSize = 16'384;

Array run(ElementOp op, const Array& a) {
  if (a.size() < kUnlockedSize) return tensor::elementwise(op, a);
  const nb::gil_scoped_release unlocked;
  return tensor::elementwise(op, a);
}

Array run(ElementOp op, const Array& a, const Array& b) {
  if (a.size() < kUnlockedSize && b.size() < kUnlockedSize) return tensor::elementwise(op, a, b);
  const nb::gil_scoped_release unlocked;
  return tensor::elementwise(op, a, b);
}

/// Of two arrays that may have two types.
Array promoted(ElementOp op, const Array& a, const Array& b) {
  if (a.element() == b.element()) return run(op, a, b);
  const auto common = tensor::promote(a.element(), b.element());
  if (!common)
    throw TypeError(message(tensor::name_of(op), ": ", tensor::name_of(a.element()), " and ",
                            tensor::name_of(b.element()),
                            " have no common type; cast one of them"));
  return run(op, tensor::cast(a, *common), tensor::cast(b, *common));
}

/// With a number of Python; an array of integers becomes one of the number's kind.
Array with_scalar(ElementOp op, const Array& array, const Array& scalar, bool scalar_first) {
  const bool fits = tensor::promote(array.element(), scalar.element()).has_value();
  const Array cast = fits ? array : tensor::cast(array, scalar.element());
  return scalar_first ? promoted(op, scalar, cast) : promoted(op, cast, scalar);
}

/// What an operator of Python does: NotImplemented for what is neither an array nor a scalar.
template <ElementOp op, bool reflected>
nb::object apply(const Array& self, nb::handle other) {
  if (nb::isinstance<Array>(other)) {
    const Array& that = *nb::inst_ptr<Array>(other);
    return nb::cast(reflected ? promoted(op, that, self) : promoted(op, self, that));
  }
  const auto scalar = scalar_like(other, self.element());
  if (!scalar) return nb::borrow(Py_NotImplemented);
  return nb::cast(with_scalar(op, self, *scalar, reflected));
}

template <ElementOp op>
void define(nb::class_<Array>& array, const char* name, const char* reflected = nullptr) {
  array.def(name, &apply<op, false>);
  if (reflected != nullptr) array.def(reflected, &apply<op, true>);
}

ElementOp op_of(const std::string& name) {
  const auto op = tensor::parse_element_op(name);
  if (!op) throw ArgumentError(message("elementwise: no operation \"", name, "\""));
  return *op;
}

}  // namespace

void bind_tensor_elementwise(nb::module_& m, nb::class_<Array>& array) {
  define<ElementOp::kAdd>(array, "__add__", "__radd__");
  define<ElementOp::kSubtract>(array, "__sub__", "__rsub__");
  define<ElementOp::kMultiply>(array, "__mul__", "__rmul__");
  define<ElementOp::kDivide>(array, "__truediv__", "__rtruediv__");
  define<ElementOp::kFloorDivide>(array, "__floordiv__", "__rfloordiv__");
  define<ElementOp::kRemainder>(array, "__mod__", "__rmod__");
  define<ElementOp::kPower>(array, "__pow__", "__rpow__");
  define<ElementOp::kAnd>(array, "__and__", "__rand__");
  define<ElementOp::kOr>(array, "__or__", "__ror__");
  define<ElementOp::kXor>(array, "__xor__", "__rxor__");
  define<ElementOp::kShiftLeft>(array, "__lshift__", "__rlshift__");
  define<ElementOp::kShiftRight>(array, "__rshift__", "__rrshift__");
  define<ElementOp::kEqual>(array, "__eq__");
  define<ElementOp::kNotEqual>(array, "__ne__");
  define<ElementOp::kLess>(array, "__lt__");
  define<ElementOp::kLessEqual>(array, "__le__");
  define<ElementOp::kGreater>(array, "__gt__");
  define<ElementOp::kGreaterEqual>(array, "__ge__");
  array.def("__neg__", [](const Array& self) { return run(ElementOp::kNegative, self); });
  array.def("__abs__", [](const Array& self) { return run(ElementOp::kAbs, self); });
  array.def("__invert__", [](const Array& self) { return run(ElementOp::kInvert, self); });
  array.def("__pos__", [](const Array& self) { return self; });
  m.def("unary", [](const std::string& name, const Array& a) { return run(op_of(name), a); });
  m.def("binary", [](const std::string& name, nb::handle a, nb::handle b) {
    const ElementOp op = op_of(name);
    const bool first = nb::isinstance<Array>(a);
    if (!first && !nb::isinstance<Array>(b))
      throw TypeError(message(tensor::name_of(op), ": expected an array"));
    const Array& array = nb::cast<const Array&>(first ? a : b);
    const nb::handle other = first ? b : a;
    if (nb::isinstance<Array>(other)) return promoted(op, array, nb::cast<const Array&>(other));
    const auto scalar = scalar_like(other, array.element());
    if (!scalar)
      throw TypeError(message(tensor::name_of(op), ": expected arrays or Python's numbers"));
    return with_scalar(op, array, *scalar, !first);
  });
}

}  // namespace cne::bind
