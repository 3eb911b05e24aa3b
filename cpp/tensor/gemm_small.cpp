#include "tensor/gemm_small.h"

#include "tensor/gemm_float.h"
#include "tensor/gemm_vector.h"

namespace cne::tensor {

namespace {

/// Rows and columns of each matrix at most, and multiplications.
constexpr int64_t kSide = 32;
constexpr int64_t kWork = 16 * 16 * 16;

#ifdef CNE_AVX512

/// `kRows` rows of c, of as many columns as the mask has.
template <typename T, int kRows>
CNE_AVX512 void rows_of_product(const T* a, const MatrixView& m, const T* b, int64_t b_row,
                                bool adds, typename GemmVector<T>::Mask mask, T* c, int64_t c_row) {
  using V = GemmVector<T>;
  typename V::Type sums[kRows];
  for (int i = 0; i < kRows; ++i) sums[i] = adds ? V::load(mask, c + i * c_row) : V::zero();
  for (int64_t k = 0; k < m.columns; ++k) {
    const typename V::Type row = V::load(mask, b + k * b_row);
    for (int i = 0; i < kRows; ++i)
      sums[i] = V::fma(V::all(a[i * m.row + k * m.column]), row, sums[i]);
  }
  for (int i = 0; i < kRows; ++i) V::store(c + i * c_row, mask, sums[i]);
}

template <typename T>
CNE_AVX512 void multiply(const MatrixView& a, const MatrixView& b, bool adds, T* c, int64_t c_row) {
  constexpr int64_t kLanes = 64 / sizeof(T);
  constexpr int kRows = 4;
  T turned[kSide * kSide];
  const T* right = reinterpret_cast<const T*>(b.data);
  int64_t b_row = b.row;
  if (b.column != 1) {
    for (int64_t k = 0; k < b.rows; ++k)
      for (int64_t j = 0; j < b.columns; ++j)
        turned[k * b.columns + j] = right[k * b.row + j * b.column];
    right = turned;
    b_row = b.columns;
  }
  const T* left = reinterpret_cast<const T*>(a.data);
  for (int64_t j = 0; j < b.columns; j += kLanes) {
    const int64_t lanes = b.columns - j < kLanes ? b.columns - j : kLanes;
    const auto mask = static_cast<typename GemmVector<T>::Mask>((uint32_t{1} << lanes) - 1);
    int64_t i = 0;
    for (; i + kRows <= a.rows; i += kRows)
      rows_of_product<T, kRows>(left + i * a.row, a, right + j, b_row, adds, mask,
                                c + i * c_row + j, c_row);
    for (; i < a.rows; ++i)
      rows_of_product<T, 1>(left + i * a.row, a, right + j, b_row, adds, mask, c + i * c_row + j,
                            c_row);
  }
}

#endif

}  // namespace

bool is_small(Element element, const MatrixView& a, const MatrixView& b) {
#ifdef CNE_AVX512
  if (element != Element::kFloat32 && element != Element::kFloat64) return false;
  return a.rows <= kSide && a.columns <= kSide && b.columns <= kSide &&
         a.rows * a.columns * b.columns <= kWork && float_kernel(element) != nullptr;
#else
  return false;
#endif
}

void gemm_small(Element element, const MatrixView& a, const MatrixView& b, bool adds, uint8_t* c,
                int64_t c_row) {
#ifdef CNE_AVX512
  if (element == Element::kFloat32)
    multiply(a, b, adds, reinterpret_cast<float*>(c), c_row);
  else
    multiply(a, b, adds, reinterpret_cast<double*>(c), c_row);
#endif
}

}  // namespace cne::tensor
