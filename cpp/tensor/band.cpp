#include "tensor/band.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "tensor/copy_run.h"
#include "tensor/elementwise_tile.h"
#include "tensor/half.h"
#include "tensor/pieces.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 32 * kTile;

template <typename T>
void fill_rows(const Type& type, int64_t low, int64_t high, T one, T* to) {
  const int64_t rows = type.shape[0];
  const int64_t columns = type.shape[1];
  in_pieces(rows, std::max<int64_t>(kGrain / columns, 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* line = to + row * columns;
      const int64_t first = std::clamp<int64_t>(row + low, 0, columns);
      const int64_t past = std::clamp<int64_t>(row + high + 1, first, columns);
      std::memset(line, 0, static_cast<size_t>(first) * sizeof(T));
      std::fill(line + first, line + past, one);
      std::memset(line + past, 0, static_cast<size_t>(columns - past) * sizeof(T));
    }
  });
}

}  // namespace

Array band(const Type& type, int64_t low, int64_t high) {
  if (type.shape.size() != 2)
    throw ShapeError(message("band: expected a matrix, got ", to_string(type)));
  check_shape(type.shape, type.element, "eye");
  if (!type.device.is_cpu())
    return to_device(band({type.element, type.shape, {}}, low, high), type.device);
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  // No place is further from the diagonal; sums with a row stay in range.
  const int64_t farthest = std::max(type.shape[0], type.shape[1]);
  low = std::clamp(low, -farthest, farthest);
  high = std::clamp(high, -farthest, farthest);
  const Bool truth{1};
  alignas(16) uint8_t one[16];
  cast_tile(Element::kBool, &truth, type.element, one, 1);
  with_width(size_of(type.element), [&](auto element) {
    std::memcpy(&element, one, sizeof element);
    fill_rows(type, low, high, element, reinterpret_cast<decltype(element)*>(out.mutable_data()));
  });
  return out;
}

}  // namespace cne::tensor
