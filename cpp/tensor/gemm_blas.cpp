#include <algorithm>
#include <complex>
#include <limits>
#include <optional>

#include "core/parallel.h"
#include "tensor/blas.h"
#include "tensor/element_dispatch.h"
#include "tensor/gemm.h"

namespace cne::tensor {

namespace {

/// BLAS counts with 32 bits.
constexpr int64_t kMost = std::numeric_limits<int>::max();
constexpr int64_t kMostExtent = int64_t{1} << 30;
/// Multiplications of a matrix and a vector that are worth a thread of their own.
constexpr int64_t kGrain = int64_t{1} << 20;
/// Multiplications of a piece of a large product, and how many pieces it has at most: each packs
/// its rows of a and columns of b anew.
constexpr int64_t kPiece = int64_t{1} << 23;
constexpr int64_t kMostPieces = 16;
/// Extents of a piece are multiples of what kernels hold in registers.
constexpr int64_t kAlign = 64;

/// The distance of the elements of a vector, of which one extent is 1.
int64_t vector_stride(const MatrixView& m) { return m.rows == 1 ? m.column : m.row; }

bool is_blas_vector(const MatrixView& m) {
  const int64_t stride = vector_stride(m);
  return (m.rows == 1 && m.columns == 1) || (stride >= 1 && stride <= kMost);
}
int increment(const MatrixView& m) {
  return m.rows == 1 && m.columns == 1 ? 1 : static_cast<int>(vector_stride(m));
}

/// c = m x + beta c; the elements of c are `c_stride` apart.
template <typename T>
void multiply_vector(const MatrixView& m, const MatrixView& x, T beta, T* c, int64_t c_stride) {
  const BlasLayout layout = *blas_layout(m);
  blas_gemv(static_cast<int>(m.rows), static_cast<int>(m.columns), T{1},
            reinterpret_cast<const T*>(m.data), layout, reinterpret_cast<const T*>(x.data),
            increment(x), beta, c, static_cast<int>(c_stride));
}

template <typename T>
void multiply(const MatrixView& a, const MatrixView& b, T beta, T* c, int64_t c_row) {
  if (b.columns == 1 && is_blas_vector(b)) return multiply_vector(a, b, beta, c, c_row);
  if (a.rows == 1 && is_blas_vector(a)) return multiply_vector(transposed(b), a, beta, c, 1);
  blas_gemm(static_cast<int>(a.rows), static_cast<int>(b.columns), static_cast<int>(a.columns),
            T{1}, reinterpret_cast<const T*>(a.data), *blas_layout(a),
            reinterpret_cast<const T*>(b.data), *blas_layout(b), beta, c, static_cast<int>(c_row));
}

/// Rows and columns of c that are computed at a time. It follows from the shapes alone, so that
/// sums do not depend on the threads.
struct Piece {
  int64_t rows, columns;
};

int64_t half_of(int64_t extent) { return ((extent + 1) / 2 + kAlign - 1) / kAlign * kAlign; }

Piece piece_of(int64_t m, int64_t n, int64_t k) {
  Piece piece{std::min(m, kMostExtent), std::min(n, kMostExtent)};
  if (m == 1 || n == 1) {  // as much memory as work
    int64_t& along = m == 1 ? piece.columns : piece.rows;
    along = std::min(along, std::max<int64_t>((kGrain / k + kAlign - 1) / kAlign, 1) * kAlign);
    return piece;
  }
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const double most =
      std::max(static_cast<double>(kPiece), work / static_cast<double>(kMostPieces));
  while (static_cast<double>(piece.rows * piece.columns) * static_cast<double>(k) > most) {
    int64_t& longer = piece.rows >= piece.columns ? piece.rows : piece.columns;
    if (longer <= kAlign) break;
    longer = half_of(longer);
  }
  return piece;
}

template <typename T>
void run_piece(const MatrixView& a, const MatrixView& b, bool adds, T* c, int64_t c_row) {
  for (int64_t at = 0; at < a.columns; at += kMostExtent) {
    const int64_t count = std::min(kMostExtent, a.columns - at);
    multiply(block_of(a, sizeof(T), 0, at, a.rows, count),
             block_of(b, sizeof(T), at, 0, count, b.columns), T(adds || at != 0 ? 1 : 0), c, c_row);
  }
}

template <typename T>
void run(const MatrixView& a, const MatrixView& b, bool adds, T* c, int64_t c_row) {
  const Piece piece = piece_of(a.rows, b.columns, a.columns);
  const int64_t down = (a.rows + piece.rows - 1) / piece.rows;
  const int64_t across = (b.columns + piece.columns - 1) / piece.columns;
  parallel_for(down * across, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task / across * piece.rows;
      const int64_t column = task % across * piece.columns;
      run_piece<T>(
          block_of(a, sizeof(T), row, 0, std::min(piece.rows, a.rows - row), a.columns),
          block_of(b, sizeof(T), 0, column, b.rows, std::min(piece.columns, b.columns - column)),
          adds, c + row * c_row + column, c_row);
    }
  });
}

}  // namespace

std::optional<BlasLayout> blas_layout(const MatrixView& m) {
  const auto fits = [](int64_t stride, int64_t extents, int64_t length) {
    return extents == 1 || (stride >= std::max<int64_t>(length, 1) && stride <= kMost);
  };
  // Of one row or column the distance to the next does not matter.
  const auto layout = [](bool is_transposed, int64_t stride, int64_t extents, int64_t length) {
    return BlasLayout{
        is_transposed,
        static_cast<int>(extents == 1 ? std::clamp(length, int64_t{1}, kMost) : stride)};
  };
  if ((m.column == 1 || m.columns == 1) && fits(m.row, m.rows, m.columns))
    return layout(false, m.row, m.rows, m.columns);
  if ((m.row == 1 || m.rows == 1) && fits(m.column, m.columns, m.rows))
    return layout(true, m.column, m.columns, m.rows);
  return std::nullopt;
}

void gemm_blas(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
               int64_t c_row) {
  with_stored(element, [&](auto stored) {
    using T = decltype(stored);
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, std::complex<float>> ||
                  std::is_same_v<T, std::complex<double>>)
      run<T>(a, b, adds, reinterpret_cast<T*>(c), c_row);
  });
}

}  // namespace cne::tensor
