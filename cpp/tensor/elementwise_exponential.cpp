#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/erf_math.h"
#include "tensor/erfinv_math.h"
#include "tensor/exp_math.h"

#if defined(__GNUC__) && !defined(__clang__) && !defined(__NO_MATH_ERRNO__)
#error "CMakeLists.txt has lost the options that the loops over functions of floats need"
#endif

namespace cne::tensor {

namespace {

template <typename T>
[[gnu::always_inline]] inline bool exponential(ElementOp op, const void* const* in, void* out,
                                               int64_t n) {
  switch (op) {
    case ElementOp::kExp:
      each_by<T, is_special_exp<T>, plain_exp<T>, any_exp<T>>(in, out, n);
      return true;
    case ElementOp::kSigmoid:
      each_by<T, is_special_exp<T>, plain_sigmoid<T>, any_sigmoid<T>>(in, out, n);
      return true;
    case ElementOp::kExpm1:
      each_by<T, any_expm1<T>>(in, out, n);
      return true;
    case ElementOp::kTanh:
      each_by<T, any_tanh<T>>(in, out, n);
      return true;
    case ElementOp::kSinh:
      each_by<T, any_sinh<T>>(in, out, n);
      return true;
    case ElementOp::kCosh:
      each_by<T, any_cosh<T>>(in, out, n);
      return true;
    case ElementOp::kErf:
      each_by<T, any_erf<T>>(in, out, n);
      return true;
    case ElementOp::kErfinv:
      each_by<T, any_erfinv<T>>(in, out, n);
      return true;
    case ElementOp::kErfc:
      each_by<T, any_erfc<T>>(in, out, n);
      return true;
    default:
      return false;
  }
}

CNE_MULTIVERSION bool exponential_float32(ElementOp op, const void* const* in, void* out,
                                          int64_t n) {
  return exponential<float>(op, in, out, n);
}
CNE_MULTIVERSION bool exponential_float64(ElementOp op, const void* const* in, void* out,
                                          int64_t n) {
  return exponential<double>(op, in, out, n);
}

}  // namespace

bool run_exponential_tile(ElementOp op, Element element, const void* const* in, void* out,
                          int64_t n) {
  return element == Element::kFloat32 ? exponential_float32(op, in, out, n)
                                      : exponential_float64(op, in, out, n);
}

}  // namespace cne::tensor
