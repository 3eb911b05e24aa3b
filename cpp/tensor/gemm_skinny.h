#pragma once

#include <cstdint>

#include "tensor/gemm.h"

namespace cne::tensor {

/// Whether gemm_skinny makes the product: few rows of floats by a matrix whose rows or columns lie
/// in order, or such a matrix by a vector.
bool is_skinny(Element element, const MatrixView& a, const MatrixView& b, int64_t c_row);

/// The same as gemm_packed, bit for bit, for products that are about as much memory as work: b is
/// read once, as it lies, and packed nowhere but in the first cache.
void gemm_skinny(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
                 int64_t c_row);

}  // namespace cne::tensor
