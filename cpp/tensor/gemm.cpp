#include "tensor/gemm.h"

#include "tensor/gemm_float.h"
#include "tensor/gemm_integer.h"
#include "tensor/gemm_small.h"

namespace cne::tensor {

namespace {

/// Whether it is as much memory as work: BLAS reads it as it lies.
bool is_vector(const MatrixView& a, const MatrixView& b) { return a.rows == 1 || b.columns == 1; }

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
  const GemmKernel* kernel = is_floating(element) ? float_kernel(element) : nullptr;
  const bool by_blas =
      kernel == nullptr || (is_vector(a, b) && is_blas_layout(a) && is_blas_layout(b));
  by_blas ? gemm_blas(element, a, b, adds, c, c_row) : gemm_packed(*kernel, a, b, adds, c, c_row);
}

}  // namespace cne::tensor
