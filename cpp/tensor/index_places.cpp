#include "tensor/index_places.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/simd.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/tile_reader.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 32 * kTile;

struct alignas(64) Scratch {
  int64_t numbers[kTile];
};

/// One index array and the axis whose places it has.
struct Source {
  TileReader reader;
  Element element;
  int64_t extent;
  int64_t stride;
};

template <typename Index>
[[gnu::always_inline]] inline bool is_any_outside(const Index* numbers, int64_t extent, int64_t n) {
  using Unsigned = std::make_unsigned_t<Index>;
  const auto bound =
      static_cast<Unsigned>(std::min<int64_t>(extent, std::numeric_limits<Index>::max()));
  Unsigned outside = 0;
  for (int64_t i = 0; i < n; ++i) outside |= static_cast<Unsigned>(numbers[i]) >= bound ? 1 : 0;
  return outside != 0;
}
CNE_MULTIVERSION bool is_any_outside(Element element, const void* numbers, int64_t extent,
                                     int64_t n) {
  return element == Element::kInt32
             ? is_any_outside(static_cast<const int32_t*>(numbers), extent, n)
             : is_any_outside(static_cast<const int64_t*>(numbers), extent, n);
}

/// Without the axes along which all elements are one and the same.
Array without_repeats(const Array& array) {
  Array out = array;
  for (int axis = 0; axis < array.rank(); ++axis)
    if (array.strides()[axis] == 0 && array.shape()[axis] > 1) out = slice_axis(out, axis, 0, 1, 1);
  return out;
}

bool are_inside(const Array& indices, int64_t extent) {
  const Array once = without_repeats(indices);
  const TileReader reader(once, once.shape());
  std::atomic<bool> outside = false;
  in_pieces(once.size(), kGrain, [&](int64_t begin, int64_t end) {
    Scratch scratch;
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      if (is_any_outside(once.element(), reader.read(at, count, &scratch), extent, count))
        outside.store(true, std::memory_order_relaxed);
    }
  });
  return !outside;
}

/// An index as a place of its axis, or kNowhere.
int64_t resolve(int64_t index, int64_t extent, IndexMode mode, const char* function) {
  switch (mode) {
    case IndexMode::kClip:
      return std::clamp<int64_t>(index, 0, extent - 1);
    case IndexMode::kSkip:
      return index < 0 || index >= extent ? Places::kNowhere : index;
    case IndexMode::kChecked:
      break;
  }
  if (index < -extent || index >= extent)
    throw ArgumentError(message(function, ": expected indices from ", -extent, " to ", extent - 1,
                                ", got ", index));
  return index < 0 ? index + extent : index;
}

/// Adds what one array of indices says to a tile of places.
template <typename Index>
void add_places(const Source& source, const void* numbers, IndexMode mode, const char* function,
                int64_t* places, int64_t n) {
  const Index* from = static_cast<const Index*>(numbers);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t place = resolve(from[i], source.extent, mode, function);
    if (place == Places::kNowhere || places[i] == Places::kNowhere)
      places[i] = Places::kNowhere;
    else
      places[i] += place * source.stride;
  }
}

}  // namespace

Places places_of(const Array& operand, std::span<const Array> indices, const Dims& indexed,
                 IndexMode mode, const char* function) {
  const auto extent_of = [&](size_t k) {
    return operand.shape()[static_cast<int>(indexed[static_cast<int>(k)])];
  };
  const auto stride_of = [&](size_t k) {
    return operand.strides()[static_cast<int>(indexed[static_cast<int>(k)])];
  };
  if (indices.empty()) return {Array::zeros({Element::kInt64, {}, {}})};
  if (indices.size() == 1 && are_inside(indices[0], extent_of(0)))
    return {indices[0], stride_of(0)};

  const Dims& shape = indices[0].shape();
  std::vector<Source> sources;
  for (size_t k = 0; k < indices.size(); ++k) {
    if (mode == IndexMode::kClip && extent_of(k) == 0 && product(shape) != 0)
      throw ShapeError(message(function, ": no index can be clipped to an axis without elements"));
    sources.push_back(
        {TileReader(indices[k], shape), indices[k].element(), extent_of(k), stride_of(k)});
  }
  check_shape(shape, Element::kInt64, function);
  Array out = Array::zeros({Element::kInt64, shape, {}});
  int64_t* places = out.mutable_as<int64_t>();
  in_pieces(out.size(), kGrain, [&](int64_t begin, int64_t end) {
    Scratch scratch;
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      for (const Source& source : sources) {
        const void* numbers = source.reader.read(at, count, &scratch);
        if (source.element == Element::kInt32)
          add_places<int32_t>(source, numbers, mode, function, places + at, count);
        else
          add_places<int64_t>(source, numbers, mode, function, places + at, count);
      }
    }
  });
  return {out, 1, mode == IndexMode::kSkip};
}

}  // namespace cne::tensor
