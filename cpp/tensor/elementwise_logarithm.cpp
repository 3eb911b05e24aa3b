#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/hyperbolic_math.h"
#include "tensor/log_math.h"

namespace cne::tensor {

namespace {

template <typename T>
[[gnu::always_inline]] inline bool logarithm(ElementOp op, const void* const* in, void* out,
                                             int64_t n) {
  switch (op) {
    case ElementOp::kLog:
      each_by<T, is_special_log<T>, plain_log<T>, any_log<T>>(in, out, n);
      return true;
    case ElementOp::kLog1p:
      each_by<T, any_log1p<T>>(in, out, n);
      return true;
    case ElementOp::kLog2:
      each_by<T, any_log2<T>>(in, out, n);
      return true;
    case ElementOp::kLog10:
      each_by<T, any_log10<T>>(in, out, n);
      return true;
    case ElementOp::kAsinh:
      each_by<T, any_asinh<T>>(in, out, n);
      return true;
    case ElementOp::kAcosh:
      each_by<T, any_acosh<T>>(in, out, n);
      return true;
    case ElementOp::kAtanh:
      each_by<T, any_atanh<T>>(in, out, n);
      return true;
    default:
      return false;
  }
}

CNE_MULTIVERSION bool logarithm_float32(ElementOp op, const void* const* in, void* out, int64_t n) {
  return logarithm<float>(op, in, out, n);
}
CNE_MULTIVERSION bool logarithm_float64(ElementOp op, const void* const* in, void* out, int64_t n) {
  return logarithm<double>(op, in, out, n);
}

}  // namespace

bool run_logarithm_tile(ElementOp op, Element element, const void* const* in, void* out,
                        int64_t n) {
  return element == Element::kFloat32 ? logarithm_float32(op, in, out, n)
                                      : logarithm_float64(op, in, out, n);
}

}  // namespace cne::tensor
