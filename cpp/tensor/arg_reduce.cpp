#include "tensor/arg_reduce.h"

#include <algorithm>
#include <type_traits>

#include "core/parallel.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce_tile.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

namespace {

constexpr int64_t kPiece = 64 * kTile;

/// Whether `value` goes before `best`, which came first.
template <typename T>
bool wins(bool largest, T value, T best) {
  if constexpr (std::is_floating_point_v<T>) {
    if (best != best) return false;
    if (value != value) return true;
  }
  return largest ? value > best : value < best;
}

template <typename T>
T extreme_of(bool largest, const T* values, int64_t n) {
  if constexpr (std::is_floating_point_v<T>) {
    return fold_extreme(values, n, largest);
  } else {
    T out = values[0];
    if (largest)
      for (int64_t i = 1; i < n; ++i) out = std::max(out, values[i]);
    else
      for (int64_t i = 1; i < n; ++i) out = std::min(out, values[i]);
    return out;
  }
}

/// The first place of a value, or of a NaN.
template <typename T>
int64_t first_of(T value, const T* values, int64_t n) {
  return value != value ? first_place(values, n, [](T each) { return each != each; })
                        : first_place(values, n, [=](T each) { return each == value; });
}

/// The extreme of each tile tells whether it is looked through.
template <typename T>
int64_t place_of(bool largest, const TileReader& reader, int64_t begin, int64_t length) {
  alignas(64) T scratch[kTile];
  T best{};
  int64_t tile = 0;
  for (int64_t at = 0; at < length; at += kTile) {
    const int64_t count = std::min(kTile, length - at);
    const T top =
        extreme_of(largest, static_cast<const T*>(reader.read(begin + at, count, scratch)), count);
    if (at != 0 && !wins(largest, top, best)) continue;
    best = top;
    tile = at;
  }
  const int64_t count = std::min(kTile, length - tile);
  return tile +
         first_of(best, static_cast<const T*>(reader.read(begin + tile, count, scratch)), count);
}

}  // namespace

void arg_reduce(bool largest, const Array& array, int64_t length, Array& out) {
  const TileReader reader(array, array.shape());
  auto* places = out.mutable_as<int64_t>();
  with_number(array.element(), [&](auto number) {
    using T = decltype(number);
    if constexpr (std::is_arithmetic_v<T>)
      parallel_for(out.size(), std::max<int64_t>(kPiece / length, 1),
                   [&](int64_t first, int64_t last) {
                     for (int64_t row = first; row < last; ++row)
                       places[row] = place_of<T>(largest, reader, row * length, length);
                   });
  });
}

}  // namespace cne::tensor
