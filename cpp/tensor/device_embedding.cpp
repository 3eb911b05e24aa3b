#include "tensor/device_embedding.h"

#include <algorithm>

namespace cne::tensor {

RowSegments row_segments(std::span<const int64_t> indices, int64_t table_rows) {
  RowSegments out;
  for (size_t i = 0; i < indices.size(); ++i)
    if (indices[i] >= 0 && indices[i] < table_rows) out.order.push_back(static_cast<int64_t>(i));
  std::stable_sort(out.order.begin(), out.order.end(), [&](int64_t a, int64_t b) {
    return indices[static_cast<size_t>(a)] < indices[static_cast<size_t>(b)];
  });
  for (size_t k = 0; k < out.order.size(); ++k) {
    const int64_t row = indices[static_cast<size_t>(out.order[k])];
    if (!out.rows.empty() && out.rows.back() == row) continue;
    out.rows.push_back(row);
    out.starts.push_back(static_cast<int64_t>(k));
  }
  out.starts.push_back(static_cast<int64_t>(out.order.size()));
  return out;
}

}  // namespace cne::tensor
