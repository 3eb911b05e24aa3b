#pragma once

#include <cstdint>

#include "gbdt/feature_matrix.h"

namespace cne::gbdt {

/// An array of one axis from outside: `length` elements, `step` bytes from one to the next.
struct ArrayView {
  const void* data = nullptr;
  DType type = DType::kFloat64;
  int64_t step = 8;
  int64_t length = 0;
};

/// A compressed sparse matrix as SciPy lays it out: the elements of row (by_rows, CSR) or column
/// (CSC) number i are those from starts[i] to starts[i + 1]. Absent elements are 0.
struct SparseArrays {
  ArrayView values;
  ArrayView indices;  // columns or rows of the elements, int32 or int64
  ArrayView starts;   // int32 or int64
  int64_t rows = 0;
  int64_t width = 0;
  bool by_rows = false;
  Buffer owner;  // keeps the arrays alive
};

/// The matrix by columns. CSC with 32-bit indices is viewed; indices of 64 bits are copied as 32,
/// CSR is turned into CSC, which takes the stored elements once more.
/// Throws ArgumentError naming `function` for indices or starts that are out of range or not in
/// order, also for an element that is stored twice, and for 2^31 rows or columns.
FeatureMatrix from_sparse(const SparseArrays& arrays, const char* function);

}  // namespace cne::gbdt
