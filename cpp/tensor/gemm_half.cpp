#include <algorithm>
#include <vector>

#include "core/buffer.h"
#include "core/parallel.h"
#include "tensor/elementwise_tile.h"
#include "tensor/gemm.h"
#include "tensor/gemm_float.h"
#include "tensor/row_dots.h"

namespace cne::tensor {

namespace {

/// Extents of the blocks of c that are added up in float32.
constexpr int64_t kBlock = 2048;
/// Columns of a that BLAS multiplies at a time, after they are made float32.
constexpr int64_t kDepth = 512;
/// Elements that are rounded at a time.
constexpr int64_t kGrain = int64_t{1} << 17;

/// Rows of one type as rows of another.
void cast_rows(Element from, const uint8_t* in, int64_t in_row, Element to, uint8_t* out,
               int64_t out_row, int64_t rows, int64_t columns) {
  const auto in_bytes = in_row * static_cast<int64_t>(size_of(from));
  const auto out_bytes = out_row * static_cast<int64_t>(size_of(to));
  parallel_for(rows, std::max<int64_t>(kGrain / columns, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      cast_tile(from, in + i * in_bytes, to, out + i * out_bytes, columns);
  });
}

/// A matrix as float32, row by row or column by column as it lay.
MatrixView widened(Element element, const MatrixView& m, Buffer& held) {
  held = Buffer::allocate(static_cast<size_t>(m.rows * m.columns) * sizeof(float));
  if (m.column == 1 || m.columns == 1) {
    cast_rows(element, m.data, m.row, Element::kFloat32, held.mutable_data(), m.columns, m.rows,
              m.columns);
    return {held.data(), m.rows, m.columns, m.columns, 1};
  }
  cast_rows(element, m.data, m.column, Element::kFloat32, held.mutable_data(), m.rows, m.columns,
            m.rows);
  return {held.data(), m.rows, m.columns, 1, m.rows};
}

/// Whether rows of a are multiplied with rows of b's transpose that lie in order, as in decoding:
/// then b is read once, as it lies.
bool is_few_rows(const MatrixView& a, const MatrixView& b) {
  return a.rows <= kMostDotRows && b.row == 1 && a.column == 1;
}

void few_rows(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
              int64_t c_row) {
  Buffer held;
  const MatrixView x = widened(element, a, held);
  std::vector<float> sums(static_cast<size_t>(a.rows * b.columns));
  row_dots({element, b.data, b.column, b.columns, b.rows, reinterpret_cast<const float*>(x.data),
            a.rows},
           sums.data(), b.columns);
  if (adds) {
    std::vector<float> before(sums.size());
    cast_rows(element, c, c_row, Element::kFloat32, reinterpret_cast<uint8_t*>(before.data()),
              b.columns, a.rows, b.columns);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += before[i];
  }
  cast_rows(Element::kFloat32, reinterpret_cast<const uint8_t*>(sums.data()), b.columns, element, c,
            c_row, a.rows, b.columns);
}

/// sum (a.rows, b.columns) = a b, or sum + a b.
void add_up(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* sum) {
  if (const GemmKernel* kernel = float_kernel(element))
    return gemm_packed(*kernel, a, b, adds, sum, b.columns);
  for (int64_t at = 0; at < a.columns; at += kDepth) {
    const int64_t depth = std::min(kDepth, a.columns - at);
    Buffer held[2];
    gemm_blas(Element::kFloat32, widened(element, block_of(a, 2, 0, at, a.rows, depth), held[0]),
              widened(element, block_of(b, 2, at, 0, depth, b.columns), held[1]), adds || at != 0,
              sum, b.columns);
  }
}

}  // namespace

void gemm_half(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
               int64_t c_row) {
  if (is_few_rows(a, b)) return few_rows(element, a, b, adds, c, c_row);
  Buffer sums = Buffer::allocate(
      static_cast<size_t>(std::min(kBlock, a.rows) * std::min(kBlock, b.columns)) * sizeof(float));
  for (int64_t i = 0; i < a.rows; i += kBlock) {
    const int64_t rows = std::min(kBlock, a.rows - i);
    for (int64_t j = 0; j < b.columns; j += kBlock) {
      const int64_t columns = std::min(kBlock, b.columns - j);
      uint8_t* to = c + (i * c_row + j) * 2;
      uint8_t* sum = sums.mutable_data();
      if (adds) cast_rows(element, to, c_row, Element::kFloat32, sum, columns, rows, columns);
      add_up(element, block_of(a, 2, i, 0, rows, a.columns), block_of(b, 2, 0, j, b.rows, columns),
             adds, sum);
      cast_rows(Element::kFloat32, sum, columns, element, to, c_row, rows, columns);
    }
  }
}

}  // namespace cne::tensor
