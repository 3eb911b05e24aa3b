#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tensor/blas.h"
#include "tensor/element.h"

namespace cne::tensor {

/// A matrix within an array: its element (i, j) lies i * row + j * column elements behind `data`.
/// Strides may be 0 or negative.
struct MatrixView {
  const uint8_t* data = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t row = 0;
  int64_t column = 0;
};

/// The matrix with rows and columns exchanged.
inline MatrixView transposed(const MatrixView& m) {
  return {m.data, m.columns, m.rows, m.column, m.row};
}
/// A part of a matrix whose elements have `width` bytes.
inline MatrixView block_of(const MatrixView& m, size_t width, int64_t row, int64_t column,
                           int64_t rows, int64_t columns) {
  const int64_t offset = row * m.row + column * m.column;
  return {m.data + offset * static_cast<int64_t>(width), rows, columns, m.row, m.column};
}

/// Whether gemm can read the matrix as it lies. Only complex numbers, and floats on processors for
/// which we have no kernel, must lie row by row or column by column without overlap.
bool is_readable(Element element, const MatrixView& matrix);

/// c = a b, or c + a b when `adds`; c (a.rows, b.columns) lies row by row, rows `c_row` elements
/// apart. All have the type `element`, but for bool; no extent is 0. float16 and bfloat16 are added
/// up in float32 and rounded once; integers wrap around. Large products are made by several
/// threads.
void gemm(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
          int64_t c_row);

// By kind, which gemm chooses from. BLAS reads matrices of which rows or columns have no gaps.
/// Its transpose does so where `is_transposed`; nothing for others.
std::optional<BlasLayout> blas_layout(const MatrixView& matrix);
inline bool is_blas_layout(const MatrixView& matrix) { return blas_layout(matrix).has_value(); }
void gemm_blas(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
               int64_t c_row);
void gemm_half(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
               int64_t c_row);

}  // namespace cne::tensor
