#pragma once

#include <cassert>
#include <cmath>
#include <complex>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "core/error.h"
#include "tensor/array.h"
#include "tensor/element_dispatch.h"
#include "tensor/pieces.h"

namespace cne::tensor {

// Arrays as batches of matrices (the last two axes) for LAPACK, which has them column by column.

/// Calls `f` with a number of the type: float32, float64 or one of the complex types.
template <typename F>
void with_lapack(Element element, const F& f) {
  with_stored(element, [&f](auto stored) {
    using T = decltype(stored);
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, std::complex<float>> ||
                  std::is_same_v<T, std::complex<double>>)
      f(stored);
    else
      assert(false);
  });
}

/// Throws TypeError naming `function` for types that LAPACK does not have, ShapeError for an array
/// without two axes.
void check_matrices(const Type& type, const char* function);
/// Besides, ShapeError where they are not square.
void check_square(const Type& type, const char* function);

/// The type of x in a x = b. Throws as check_square does, TypeError for two types, and ShapeError
/// where the shapes do not fit.
Type solve_type(const Type& a, const Type& b, const char* function);

/// All axes but the last two.
Dims batch_of(const Dims& shape);
/// These and two more.
Dims with_matrix(Dims batch, int64_t rows, int64_t columns);
/// The batches of two broadcast to one. Throws ShapeError naming `function` and the shapes.
Dims broadcast_batches(const Dims& a, const Dims& b, const char* function);

/// Matrices that are read one by one. The array must outlive it.
class MatrixStack {
 public:
  explicit MatrixStack(const Array& array);
  int64_t count() const { return count_; }
  int rows() const { return static_cast<int>(array_.shape()[array_.rank() - 2]); }
  int columns() const { return static_cast<int>(array_.shape().back()); }
  /// Column by column, without gaps.
  void read(int64_t index, void* to) const;
  template <typename T>
  std::vector<T> read(int64_t index) const {
    std::vector<T> out(static_cast<size_t>(rows()) * static_cast<size_t>(columns()));
    read(index, out.data());
    return out;
  }

 private:
  const Array& array_;
  int64_t count_;
};

/// Writes a matrix of `out`, which lies in order, from one that lies column by column, columns
/// `lead` elements apart.
void write_matrix(Array& out, int64_t index, const void* from, int64_t lead);

enum class Triangle : uint8_t { kBoth, kLower };

/// Whether there are neither NaN nor infinities in a matrix that lies column by column, or in what
/// is on and below its diagonal.
template <typename T>
bool is_finite(const std::vector<T>& matrix, int rows, Triangle read) {
  const int columns = rows == 0 ? 0 : static_cast<int>(matrix.size() / static_cast<size_t>(rows));
  for (int column = 0; column < columns; ++column)
    for (int row = read == Triangle::kLower ? column : 0; row < rows; ++row) {
      const T& value = matrix[static_cast<size_t>(column) * static_cast<size_t>(rows) +
                              static_cast<size_t>(row)];
      if (!std::isfinite(std::real(value)) || !std::isfinite(std::imag(value))) return false;
    }
  return true;
}

/// Throws ArgumentError where it is not: some of LAPACK's functions go on for ever then.
template <typename T>
void check_finite(const std::vector<T>& matrix, int rows, Triangle read, int64_t index,
                  const char* function) {
  if (!is_finite(matrix, rows, read))
    throw ArgumentError(message(function, ": expected finite numbers, but matrix ", index,
                                " of the batch has NaN or infinities"));
}

/// f(index) for each of `count` matrices of so many operations each, on several threads if that
/// pays.
template <typename F>
void each_matrix(int64_t count, double operations, const F& f) {
  constexpr double kGrain = 1 << 18;
  const auto grain = static_cast<int64_t>(kGrain / (operations + 1)) + 1;
  in_pieces(count, grain, [&f](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) f(index);
  });
}

}  // namespace cne::tensor
