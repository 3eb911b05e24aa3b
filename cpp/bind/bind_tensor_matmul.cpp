#include "bind/bind_tensor_unlocked.h"
#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/narrow_linear.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::Value;

/// Of two types: as the one that both go into.
Value promoted_matmul(const Value& a, const Value& b) {
  if (a.element() != b.element()) {
    const auto common = tensor::promote(a.element(), b.element());
    if (!common)
      throw TypeError(message("matmul: ", tensor::name_of(a.element()), " and ",
                              tensor::name_of(b.element()),
                              " have no common type; cast one of them"));
    return promoted_matmul(tensor::cast(a, *common), tensor::cast(b, *common));
  }
  return unlocked([](const Value& x, const Value& y) { return tensor::matmul(x, y); }, a, b);
}

Value narrow_linear(const Value& x, const Value& weight, const std::optional<Value>& scale) {
  const auto concrete = [](const Value& value) { return tensor::concrete(value, "narrow_linear"); };
  const Array rows = concrete(x);
  const Array matrix = concrete(weight);
  const Array factors = scale ? concrete(*scale) : Array();
  const ReleaseInterpreter released;
  return tensor::narrow_linear(rows, matrix, factors);
}

}  // namespace

void bind_tensor_matmul(nb::module_& m, nb::class_<Value>& array) {
  m.def("matmul", &promoted_matmul);
  m.def("matmul_int8", [](const Value& a, const Value& b) {
    const Array left = tensor::concrete(a, "matmul_int8");
    const Array right = tensor::concrete(b, "matmul_int8");
    const ReleaseInterpreter released;
    return Value(tensor::matmul_int8(left, right));
  });
  m.def("narrow_linear", &narrow_linear, nb::arg("x"), nb::arg("weight"), nb::arg("scale").none());
  array.def("__matmul__", [](const Value& self, nb::handle other) -> nb::object {
    if (is_numpy_array(other)) return nb::cast(promoted_matmul(self, array_of(other)));
    if (!is_value(other)) return nb::borrow(Py_NotImplemented);
    return nb::cast(promoted_matmul(self, *nb::inst_ptr<Value>(other)));
  });
  array.def("__rmatmul__", [](const Value& self, nb::handle other) -> nb::object {
    if (!is_numpy_array(other)) return nb::borrow(Py_NotImplemented);
    return nb::cast(promoted_matmul(array_of(other), self));
  });
}

}  // namespace cne::bind
