#include "tensor/select.h"

#include <algorithm>
#include <complex>

#include "core/error.h"
#include "core/simd.h"
#include "tensor/copy_run.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

namespace {

struct alignas(64) Scratch {
  uint8_t bytes[kTile * 16];
};

template <typename T>
[[gnu::always_inline]] inline void select(const uint8_t* condition, const void* a, const void* b,
                                          void* out, int64_t n) {
  const T* yes = static_cast<const T*>(a);
  const T* no = static_cast<const T*>(b);
  T* to = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) {
    const T first = yes[i];  // both are read, so that no branch is needed
    const T second = no[i];
    to[i] = condition[i] != 0 ? first : second;
  }
}

template <typename T>
[[gnu::always_inline]] inline void fill(const void* value, void* out, int64_t n) {
  const T one = *static_cast<const T*>(value);
  T* to = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) to[i] = one;
}

}  // namespace

CNE_MULTIVERSION void select_tile(size_t width, const uint8_t* condition, const void* a,
                                  const void* b, void* out, int64_t n) {
  switch (width) {
    case 1:
      return select<uint8_t>(condition, a, b, out, n);
    case 2:
      return select<uint16_t>(condition, a, b, out, n);
    case 4:
      return select<uint32_t>(condition, a, b, out, n);
    case 8:
      return select<uint64_t>(condition, a, b, out, n);
    default:
      return select<std::complex<double>>(condition, a, b, out, n);
  }
}

CNE_MULTIVERSION void fill_tile(size_t width, const void* value, void* out, int64_t n) {
  switch (width) {
    case 1:
      return fill<uint8_t>(value, out, n);
    case 2:
      return fill<uint16_t>(value, out, n);
    case 4:
      return fill<uint32_t>(value, out, n);
    case 8:
      return fill<uint64_t>(value, out, n);
    default:
      return fill<std::complex<double>>(value, out, n);
  }
}

Type where_type(const Type& condition, const Type& a, const Type& b) {
  if (condition.element != Element::kBool)
    throw TypeError(message("where: expected a condition of bool, got ", to_string(condition)));
  if (a.element != b.element)
    throw TypeError(
        message("where: expected arrays of one type, got ", to_string(a), " and ", to_string(b)));
  const Dims shape =
      broadcast_shapes(condition.shape, broadcast_shapes(a.shape, b.shape, "where"), "where");
  check_shape(shape, a.element, "where");
  return {a.element, shape, a.device};
}

Array where(const Array& condition, const Array& a, const Array& b) {
  if (is_on_device(condition) || is_on_device(a) || is_on_device(b)) {
    const Array inputs[] = {condition, a, b};
    return run_on_cuda(kSelect, Params(), inputs)[0];
  }
  const Dims shape = where_type(condition.type(), a.type(), b.type()).shape;
  Array out = Array::empty({a.element(), shape, {}});
  const TileReader conditions(condition, shape);
  const TileReader yes(a, shape);
  const TileReader no(b, shape);
  const size_t width = size_of(a.element());
  uint8_t* to = out.mutable_data();
  in_pieces(out.size(), 32 * kTile, [&](int64_t begin, int64_t end) {
    Scratch scratch[3];
    for (int64_t at = begin; at < end; at += kTile) {
      const int64_t count = std::min(kTile, end - at);
      select_tile(width, static_cast<const uint8_t*>(conditions.read(at, count, scratch[0].bytes)),
                  yes.read(at, count, scratch[1].bytes), no.read(at, count, scratch[2].bytes),
                  to + static_cast<size_t>(at) * width, count);
    }
  });
  return out;
}

}  // namespace cne::tensor
