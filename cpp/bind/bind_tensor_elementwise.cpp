#include <algorithm>

#include "bind/bind_tensor_unlocked.h"
#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/select.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::Element;
using tensor::ElementOp;
using tensor::Value;

/// Below so many elements it costs more to let go of the interpreter than to compute.
constexpr int64_t kUnlockedSize = 16'384;

/// Integers and bools become float32 for what only floats have.
Value floats_for(ElementOp op, const Value& a) {
  const bool is_float_only =
      !tensor::takes(op, Element::kInt32) && tensor::takes(op, Element::kFloat32);
  return is_float_only && !tensor::is_inexact(a.element()) ? tensor::cast(a, Element::kFloat32) : a;
}

Value run(ElementOp op, const Value& given) {
  const Value a = floats_for(op, given);
  if (a.is_traced() || a.size() < kUnlockedSize) return tensor::elementwise(op, a);
  return unlocked([op](const Value& x) { return tensor::elementwise(op, x); }, a);
}

Value run(ElementOp op, const Value& first, const Value& second) {
  const Value a = floats_for(op, first);
  const Value b = floats_for(op, second);
  if (a.is_traced() || b.is_traced() || std::max(a.size(), b.size()) < kUnlockedSize)
    return tensor::elementwise(op, a, b);
  return unlocked([op](const Value& x, const Value& y) { return tensor::elementwise(op, x, y); }, a,
                  b);
}

}  // namespace

Value strengthened(const Value& weak, tensor::Element like) {
  const auto kind = tensor::kind_of(weak.element());
  const bool fits = tensor::kind_of(like) >= kind ||
                    (tensor::is_integer(like) && kind <= tensor::ElementKind::kUnsigned);
  return fits ? tensor::cast(weak.wide(), like) : weak;
}

namespace {

/// What an operation gives of numbers of Python in full: again such a number, or a truth.
template <typename... Numbers>
Value of_numbers(ElementOp op, const Numbers&... wide) {
  const Value out = run(op, wide...);
  if (out.element() == Element::kBool) return out;
  const Value all[] = {out, wide...};  // out alone may be a constant: of a floor, of a sign
  return tensor::innermost(all, tensor::name_of(op))->weakened(out);
}

/// Of a number of Python.
bool is_negative(const Value& scalar) {
  return !scalar.is_traced() && tensor::kind_of(scalar.element()) == tensor::ElementKind::kSigned &&
         *tensor::cast(scalar.array(), Element::kInt64).as<int64_t>() < 0;
}

/// Of two numbers of Python in full, as Python has it: a quotient of integers is a float.
Value of_two_numbers(ElementOp op, const Value& a, const Value& b) {
  Element common = tensor::promote(a.element(), b.element()).value_or(Element::kFloat64);
  const bool is_fraction = op == ElementOp::kDivide || (op == ElementOp::kPower && is_negative(b));
  if (is_fraction && !tensor::is_inexact(common)) common = Element::kFloat64;
  if (common == Element::kBool && tensor::takes(op, Element::kInt64) &&
      !tensor::takes(op, Element::kBool))
    common = Element::kInt64;
  return of_numbers(op, tensor::cast(a, common), tensor::cast(b, common));
}

/// Of two arrays that may have two types.
Value promoted(ElementOp op, const Value& a, const Value& b) {
  if (a.is_weak() && b.is_weak()) return of_two_numbers(op, a.wide(), b.wide());
  if (a.element() == b.element()) return run(op, a, b);
  if (a.is_weak() != b.is_weak()) {
    const Value& strong = a.is_weak() ? b : a;
    const Value weak = strengthened(a.is_weak() ? a : b, strong.element());
    if (weak.element() == strong.element())
      return a.is_weak() ? run(op, weak, b) : run(op, a, weak);
    const auto common = tensor::promote(strong.element(), weak.element());
    const Value wide = tensor::cast(strong, common ? *common : weak.element());
    const Value other = tensor::cast(weak.wide(), wide.element());
    return a.is_weak() ? run(op, other, wide) : run(op, wide, other);
  }
  const auto common = tensor::promote(a.element(), b.element());
  if (!common)
    throw TypeError(message(tensor::name_of(op), ": ", tensor::name_of(a.element()), " and ",
                            tensor::name_of(b.element()),
                            " have no common type; cast one of them"));
  return run(op, tensor::cast(a, *common), tensor::cast(b, *common));
}

/// With a number of Python; an array of integers becomes one of the number's kind.
Value with_scalar(ElementOp op, const Value& array, const Value& scalar, bool scalar_first) {
  if (op == ElementOp::kPower && !scalar_first && tensor::is_integer(array.element()) &&
      is_negative(scalar))
    throw ArgumentError("pow: integers have no negative powers; cast them to floats");
  const bool fits = tensor::promote(array.element(), scalar.element()).has_value();
  const Value cast = fits ? array : tensor::cast(array, scalar.element());
  return scalar_first ? promoted(op, scalar, cast) : promoted(op, cast, scalar);
}

/// Of a traced number of Python and one that is known; nothing for what is no number.
std::optional<Value> with_number(ElementOp op, const Value& weak, nb::handle other,
                                 bool is_second) {
  const auto number = wide_scalar(other);
  if (!number) return std::nullopt;
  return is_second ? of_two_numbers(op, *number, weak.wide())
                   : of_two_numbers(op, weak.wide(), *number);
}

/// What an operator of Python does: NotImplemented for what is neither an array nor a scalar.
template <ElementOp op, bool reflected>
nb::object apply(const Value& self, nb::handle other) {
  if (is_value(other)) {
    const Value& that = *nb::inst_ptr<Value>(other);
    return nb::cast(reflected ? promoted(op, that, self) : promoted(op, self, that));
  }
  if (self.is_weak()) {
    if (auto out = with_number(op, self, other, reflected)) return nb::cast(std::move(*out));
  }
  if (const auto scalar = scalar_like(other, self.element()))
    return nb::cast(with_scalar(op, self, *scalar, reflected));
  if (!is_numpy_array(other)) return nb::borrow(Py_NotImplemented);
  const Value that = array_of(other);
  return nb::cast(reflected ? promoted(op, that, self) : promoted(op, self, that));
}

/// An operator of one operand.
Value own(ElementOp op, const Value& self) {
  if (!self.is_weak()) return run(op, self);
  const Value number = self.wide();
  return of_numbers(
      op, number.element() == Element::kBool ? tensor::cast(number, Element::kInt64) : number);
}

template <ElementOp op>
void define(nb::class_<Value>& array, const char* name, const char* reflected = nullptr) {
  array.def(name, &apply<op, false>, nb::arg("other").none());
  if (reflected != nullptr) array.def(reflected, &apply<op, true>, nb::arg("other").none());
}

/// An array or a number of Python that goes with `like`.
Value operand(nb::handle object, const Value* like, const char* function) {
  if (is_value(object)) return *nb::inst_ptr<Value>(object);
  const auto scalar =
      scalar_like(object, like == nullptr ? tensor::Element::kFloat32 : like->element());
  if (scalar) return *scalar;
  if (is_numpy_array(object)) return array_of(object);
  throw TypeError(message(function, ": expected arrays or Python's numbers, got ",
                          nb::type_name(object.type()).c_str()));
}

Value where(const Value& condition, nb::handle a, nb::handle b) {
  const Value* first = is_value(a) ? nb::inst_ptr<Value>(a) : nullptr;
  const Value* second = is_value(b) ? nb::inst_ptr<Value>(b) : nullptr;
  Value yes = operand(a, second, "where");
  Value no = operand(b, first != nullptr ? first : &yes, "where");
  if (yes.is_weak() && !no.is_weak()) yes = strengthened(yes, no.element());
  if (no.is_weak() && !yes.is_weak()) no = strengthened(no, yes.element());
  if (yes.element() == no.element()) return tensor::where(condition, yes, no);
  const auto common = tensor::promote(yes.element(), no.element());
  if (!common)
    throw TypeError(message("where: ", tensor::name_of(yes.element()), " and ",
                            tensor::name_of(no.element()),
                            " have no common type; cast one of them"));
  return tensor::where(condition, tensor::cast(yes, *common), tensor::cast(no, *common));
}

ElementOp op_of(const std::string& name) {
  const auto op = tensor::parse_element_op(name);
  if (!op) throw ArgumentError(message("elementwise: no operation \"", name, "\""));
  return *op;
}

}  // namespace

void bind_tensor_elementwise(nb::module_& m, nb::class_<Value>& array) {
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
  array.def("__neg__", [](const Value& self) { return own(ElementOp::kNegative, self); });
  array.def("__abs__", [](const Value& self) { return own(ElementOp::kAbs, self); });
  array.def("__invert__", [](const Value& self) { return run(ElementOp::kInvert, self); });
  array.def("__pos__", [](const Value& self) { return self; });
  m.def("where", &where);
  m.def("unary", [](const std::string& name, const Value& a) { return run(op_of(name), a); });
  m.def("binary", [](const std::string& name, nb::handle a, nb::handle b) {
    const ElementOp op = op_of(name);
    const bool first = is_value(a);
    if (!first && !is_value(b))
      throw TypeError(message(tensor::name_of(op), ": expected an array"));
    const Value& array = *nb::inst_ptr<Value>(first ? a : b);
    const nb::handle other = first ? b : a;
    if (is_value(other)) return promoted(op, array, *nb::inst_ptr<Value>(other));
    if (array.is_weak()) {
      if (auto out = with_number(op, array, other, !first)) return std::move(*out);
    }
    if (const auto scalar = scalar_like(other, array.element()))
      return with_scalar(op, array, *scalar, !first);
    const Value that = operand(other, &array, tensor::name_of(op));
    return first ? promoted(op, array, that) : promoted(op, that, array);
  });
}

}  // namespace cne::bind
