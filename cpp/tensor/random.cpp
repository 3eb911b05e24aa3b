#include "tensor/random.h"

#include <algorithm>

#include "core/error.h"
#include "core/simd.h"
#include "tensor/cuda_run.h"
#include "tensor/device_random.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/random_math.h"
#include "tensor/run_kernel.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

/// Numbers that one thread makes at a time.
constexpr int64_t kGrain = 16 * kTile;

/// Blocks `at`, at + 1, ... of a key, of which the upper words are the same.
struct Blocks {
  Words key;
  uint32_t high;
  uint32_t low;
  [[gnu::always_inline]] Words operator[](int64_t i) const {
    return threefry(key, {high, low + static_cast<uint32_t>(i)});
  }
};

template <typename T>
[[gnu::always_inline]] inline void bits(const Blocks& blocks, T* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const Words words = blocks[i];
    out[i] = static_cast<T>(words.first ^ words.second);
  }
}

CNE_MULTIVERSION void make_keys(const Blocks& blocks, uint32_t* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const Words words = blocks[i];
    out[2 * i] = words.first;
    out[2 * i + 1] = words.second;
  }
}
CNE_MULTIVERSION void make_bits(const Blocks& blocks, uint8_t* out, int64_t n) {
  bits(blocks, out, n);
}
CNE_MULTIVERSION void make_bits(const Blocks& blocks, uint16_t* out, int64_t n) {
  bits(blocks, out, n);
}
CNE_MULTIVERSION void make_bits(const Blocks& blocks, uint32_t* out, int64_t n) {
  bits(blocks, out, n);
}
CNE_MULTIVERSION void make_bits(const Blocks& blocks, uint64_t* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = long_bits(blocks[i]);
}

CNE_MULTIVERSION void make_uniform(const Blocks& blocks, int of, int kept, float* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = uniform_float(blocks[i], of, kept);
}
CNE_MULTIVERSION void make_uniform(const Blocks& blocks, double* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = uniform_double(blocks[i]);
}

template <typename T>
[[gnu::always_inline]] inline void to_normal(T* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = normal_of(out[i]);
}
CNE_MULTIVERSION void make_normal(float* out, int64_t n) { to_normal(out, n); }
CNE_MULTIVERSION void make_normal(double* out, int64_t n) { to_normal(out, n); }

/// Floats of one tile, those of 16 bits by way of float32.
void make_floats(RandomKind kind, Element element, const Blocks& blocks, uint8_t* out, int64_t n) {
  if (element == Element::kFloat64) {
    auto* const to = reinterpret_cast<double*>(out);
    make_uniform(blocks, to, n);
    if (kind == RandomKind::kNormal) make_normal(to, n);
    return;
  }
  const bool is_half = element != Element::kFloat32;
  float tile[kTile];
  float* const to = is_half ? tile : reinterpret_cast<float*>(out);
  if (kind == RandomKind::kNormal || !is_half)
    make_uniform(blocks, 32, 23, to, n);
  else if (element == Element::kFloat16)
    make_uniform(blocks, 16, 10, to, n);
  else
    make_uniform(blocks, 8, 7, to, n);
  if (kind == RandomKind::kNormal) make_normal(to, n);
  if (is_half) cast_tile(Element::kFloat32, to, element, out, n);
}

void make(RandomKind kind, Element element, const Blocks& blocks, uint8_t* out, int64_t n) {
  if (kind == RandomKind::kKeys) return make_keys(blocks, reinterpret_cast<uint32_t*>(out), n);
  if (kind != RandomKind::kBits) return make_floats(kind, element, blocks, out, n);
  switch (size_of(element)) {
    case 1:
      return make_bits(blocks, out, n);
    case 2:
      return make_bits(blocks, reinterpret_cast<uint16_t*>(out), n);
    case 4:
      return make_bits(blocks, reinterpret_cast<uint32_t*>(out), n);
    default:
      return make_bits(blocks, reinterpret_cast<uint64_t*>(out), n);
  }
}

Words words_at(const Array& words, int64_t i) {
  const uint32_t* const at = words.as<uint32_t>() + 2 * i;
  return {at[0], at[1]};
}

void check_keys(const Type& keys, const char* function) {
  if (keys.element != Element::kUInt32)
    throw TypeError(message(function, ": expected keys of uint32, got ", to_string(keys)));
  if (keys.shape.empty() || keys.shape.back() != 2)
    throw ShapeError(
        message(function, ": expected keys with 2 along the last axis, got ", to_string(keys)));
}

Dims without_last(Dims shape) {
  shape.erase(shape.size() - 1);
  return shape;
}

}  // namespace

Type random_type(RandomKind kind, const Type& keys, const Dims& shape, Element element) {
  check_keys(keys, "random");
  const bool fits = kind == RandomKind::kKeys   ? element == Element::kUInt32
                    : kind == RandomKind::kBits ? kind_of(element) == ElementKind::kUnsigned
                                                : is_floating(element);
  if (!fits)
    throw TypeError(message("random: expected a type of ",
                            kind <= RandomKind::kBits ? "unsigned integers" : "floats", ", got ",
                            name_of(element)));
  const int added = kind == RandomKind::kKeys ? 1 : 0;
  if (keys.shape.size() - 1 + shape.size() + added > kMaxRank)
    throw ShapeError(message("random: more than ", kMaxRank, " axes"));
  Dims out = without_last(keys.shape);
  for (const int64_t extent : shape) out.push_back(extent);
  if (added != 0) out.push_back(2);
  check_shape(out, element, "random");
  return {element, out, keys.device};
}

Array random(RandomKind kind, const Array& keys, const Dims& shape, Element element) {
  Array out = Array::empty(random_type(kind, keys.type(), shape, element));
  const Array words = contiguous(keys);
  const int64_t each = product(shape);
  if (is_on_device(keys)) {
    device_random(out.device(), kind, reinterpret_cast<const Words*>(words.address()),
                  words.size() / 2, each, element, const_cast<uint8_t*>(out.address()));
    return out;
  }
  const int64_t width =
      static_cast<int64_t>(size_of(element)) * (kind == RandomKind::kKeys ? 2 : 1);
  uint8_t* const to = out.mutable_data();
  in_pieces(words.size() / 2 * each, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end;) {
      // A tile is of one key, and of one upper word of its counts.
      const int64_t place = at % each;
      const int64_t to_high = (int64_t{1} << 32) - (place & 0xffffffff);
      const int64_t count = std::min({kTile, end - at, each - place, to_high});
      const Blocks blocks = {words_at(words, at / each), static_cast<uint32_t>(place >> 32),
                             static_cast<uint32_t>(place)};
      make(kind, element, blocks, to + at * width, count);
      at += count;
    }
  });
  return out;
}

Type random_fold_in_type(const Type& keys, const Type& numbers) {
  check_keys(keys, "random_fold_in");
  if (numbers.element != Element::kUInt32 || !(numbers.shape == without_last(keys.shape)))
    throw ShapeError(message("random_fold_in: expected uint32", to_string(without_last(keys.shape)),
                             ", got ", to_string(numbers)));
  return keys;
}

namespace {

/// A thread a key.
Array fold_in_on_cuda(const Array& keys, const Array& numbers) {
  const Array both[] = {keys, numbers};
  const Device device = common_device("random_fold_in", both);
  const Array words = contiguous(to_device(keys, device));
  const Array own = contiguous(to_device(numbers, device));
  Array out = Array::empty({keys.element(), keys.shape(), device});
  const RandomFoldIn kernel{reinterpret_cast<const Words*>(words.address()),
                            reinterpret_cast<const uint32_t*>(own.address()),
                            reinterpret_cast<Words*>(const_cast<uint8_t*>(out.address())),
                            own.size()};
  run_kernel(device, "device_random", kernel, kernel.grid());
  return out;
}

}  // namespace

Array random_fold_in(const Array& keys, const Array& numbers) {
  if (is_on_device(keys) || is_on_device(numbers)) {
    random_fold_in_type(keys.type(), numbers.type());
    return fold_in_on_cuda(keys, numbers);
  }
  Array out = Array::empty(random_fold_in_type(keys.type(), numbers.type()));
  const Array words = contiguous(keys);
  const Array own = contiguous(numbers);
  auto* const to = out.mutable_as<uint32_t>();
  for (int64_t i = 0; i < own.size(); ++i) {
    const Words key = threefry(words_at(words, i), {0, own.as<uint32_t>()[i]});
    to[2 * i] = key.first;
    to[2 * i + 1] = key.second;
  }
  return out;
}

}  // namespace cne::tensor
