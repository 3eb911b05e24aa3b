#include "tensor/gemm.h"

#include "tensor/gemm_float.h"
#include "tensor/gemm_integer.h"
#include "tensor/gemm_skinny.h"
#include "tensor/gemm_small.h"

namespace cne::tensor {

namespace {

/// Of two vectors: a chain of additions for us, several for BLAS. A short one is made as a product
/// of more rows makes it, to the bit.
bool is_long_dot(const MatrixView& a, const MatrixView& b) {
  constexpr int64_t kShort = 2048;
  return a.rows == 1 && b.columns == 1 && a.columns > kShort;
}

}  // namespace

bool is_readable(Element element, const MatrixView& matrix) {
  return is_integer(element) || (is_floating(element) && float_kernel(element) != nullptr) ||
         is_blas_layout(matrix);
}

void gemm(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
          int64_t c_row) {
  if (is_integer(element)) return gemm_packed(integer_kernel(element), a, b, adds, c, c_row);
  if (element == Element::kFloat16 || element == Element::kBFloat16)
    return gemm_half(element, a, b, adds, c, c_row);
  if (is_small(element, a, b)) return gemm_small(element, a, b, adds, c, c_row);
  if (is_skinny(element, a, b, c_row)) return gemm_skinny(element, a, b, adds, c, c_row);
  const GemmKernel* kernel = is_floating(element) ? float_kernel(element) : nullptr;
  const bool by_blas =
      kernel == nullptr || (is_long_dot(a, b) && is_blas_layout(a) && is_blas_layout(b));
  by_blas ? gemm_blas(element, a, b, adds, c, c_row) : gemm_packed(*kernel, a, b, adds, c, c_row);
}

}  // namespace cne::tensor
