#include "tensor/arc_math.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/trig_math.h"

namespace cne::tensor {

namespace {

template <typename T>
[[gnu::always_inline]] inline bool angle(ElementOp op, const void* const* in, void* out,
                                         int64_t n) {
  switch (op) {
    case ElementOp::kSin:
      each_by<T, is_special_angle<T>, plain_sin<T>, any_sin<T>>(in, out, n);
      return true;
    case ElementOp::kCos:
      each_by<T, is_special_angle<T>, plain_cos<T>, any_cos<T>>(in, out, n);
      return true;
    case ElementOp::kTan:
      each_by<T, is_special_angle<T>, plain_tan<T>, any_tan<T>>(in, out, n);
      return true;
    case ElementOp::kAsin:
      each_by<T, any_asin<T>>(in, out, n);
      return true;
    case ElementOp::kAcos:
      each_by<T, any_acos<T>>(in, out, n);
      return true;
    case ElementOp::kAtan:
      each_by<T, any_atan<T>>(in, out, n);
      return true;
    default:
      return false;
  }
}

CNE_MULTIVERSION bool angle_float32(ElementOp op, const void* const* in, void* out, int64_t n) {
  return angle<float>(op, in, out, n);
}
CNE_MULTIVERSION bool angle_float64(ElementOp op, const void* const* in, void* out, int64_t n) {
  return angle<double>(op, in, out, n);
}

}  // namespace

bool run_angle_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  return element == Element::kFloat32 ? angle_float32(op, in, out, n)
                                      : angle_float64(op, in, out, n);
}

}  // namespace cne::tensor
