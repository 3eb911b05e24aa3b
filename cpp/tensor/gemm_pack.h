#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/gemm.h"
#include "tensor/half.h"

namespace cne::tensor {

/// A stored element as a number of the type that is multiplied; integers modulo its range.
template <typename To, typename From>
[[gnu::always_inline]] inline To packed_number(From value) {
  if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>)
    return to_float(value);
  else
    return static_cast<To>(value);
}

/// Panels of kWidth rows for a kernel that walks along their columns: to(panel)(k, i) = m(i, k).
template <typename From, typename To, int64_t kWidth>
void pack_panels(const MatrixView& m, uint8_t* out, int64_t panel_bytes) {
  const From* from = reinterpret_cast<const From*>(m.data);
  for (int64_t first = 0; first < m.rows; first += kWidth, out += panel_bytes) {
    To* to = reinterpret_cast<To*>(out);
    const int64_t rows = std::min(kWidth, m.rows - first);
    for (int64_t k = 0; k < m.columns; ++k)
      for (int64_t i = 0; i < rows; ++i)
        to[k * kWidth + i] = packed_number<To>(from[(first + i) * m.row + k * m.column]);
  }
}

}  // namespace cne::tensor
