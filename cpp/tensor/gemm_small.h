#pragma once

#include "tensor/gemm.h"

namespace cne::tensor {

/// Whether a product is so small that to pack its matrices costs more than to multiply them, and
/// this processor has a kernel for it (AVX-512; float32 and float64).
bool is_small(Element element, const MatrixView& a, const MatrixView& b);

/// As gemm, of such a product: rows of b are read as they lie, elements of a one by one. Fused
/// multiplications in the order of k, so the bits are those of packed products.
void gemm_small(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
                int64_t c_row);

}  // namespace cne::tensor
