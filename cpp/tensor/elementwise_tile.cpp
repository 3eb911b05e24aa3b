#include "tensor/elementwise_tile.h"

namespace cne::tensor {

void run_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  switch (kind_of(element)) {
    case ElementKind::kFloat:
      return run_float_tile(op, element, in, out, n);
    case ElementKind::kComplex:
      return run_complex_tile(op, element, in, out, n);
    default:
      return run_integer_tile(op, element, in, out, n);
  }
}

}  // namespace cne::tensor
