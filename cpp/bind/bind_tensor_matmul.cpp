#include "bind/bind_tensor.h"
#include "tensor/matmul.h"

namespace cne::bind {

void bind_tensor_matmul(nb::module_& m) {
  const nb::call_guard<nb::gil_scoped_release> unlocked;
  m.def("matmul", &tensor::matmul, unlocked);
  m.def("matmul_bias", &tensor::matmul_bias, unlocked);
  m.def("matmul_int8", &tensor::matmul_int8, unlocked);
}

}  // namespace cne::bind
