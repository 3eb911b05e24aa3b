#pragma once

// Arrays for tests: every element type, in every layout that a view may have.

#include <cstring>
#include <vector>

#include "tensor/array.h"
#include "tensor/elementwise.h"
#include "tensor/view.h"

namespace cne::tensor::testing {

inline std::vector<Element> all_elements() {
  std::vector<Element> out;
  for (int i = 0; i < kElements; ++i) out.push_back(static_cast<Element>(i));
  return out;
}

/// The next of a row of numbers that look like chance (splitmix64).
inline uint64_t next_random(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// Row by row, whole numbers from `low` to `high`; complex ones have both parts.
inline Array sample(Element element, const Dims& shape, uint64_t seed = 1, int64_t low = -9,
                    int64_t high = 50) {
  Dims parts = shape;
  if (is_complex(element)) parts.push_back(2);
  Array numbers = Array::empty({Element::kInt64, parts, {}});
  for (int64_t i = 0; i < numbers.size(); ++i)
    numbers.mutable_as<int64_t>()[i] =
        low + static_cast<int64_t>(next_random(seed) % static_cast<uint64_t>(high - low + 1));
  const Array out = cast(numbers, real_of(element));
  return is_complex(element) ? out.view(element, shape, row_major_strides(shape), 0) : out;
}

/// Arrays of one shape: row by row, with the axes the other way round in memory, backwards with
/// gaps, and with the first axis of stride 0.
inline std::vector<Array> layouts(Element element, const Dims& shape, uint64_t seed = 1,
                                  int64_t low = -9, int64_t high = 50) {
  std::vector<Array> out = {sample(element, shape, seed, low, high)};
  Dims reversed;
  Dims axes;
  Dims larger;
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    reversed.push_back(shape[axis]);
    axes.push_back(axis);
  }
  for (const int64_t extent : shape) larger.push_back(2 * extent + 1);
  out.push_back(permute(sample(element, reversed, seed, low, high), axes));
  Array gaps = sample(element, larger, seed, low, high);
  for (int axis = 0; axis < shape.size(); ++axis)
    gaps = slice_axis(gaps, axis, 2 * shape[axis], -2, shape[axis]);
  out.push_back(gaps);
  if (!shape.empty()) {
    Dims line = shape;
    line[0] = 1;
    out.push_back(broadcast_to(sample(element, line, seed, low, high), shape));
  }
  return out;
}

/// Calls `f` with each index of a shape, row by row.
template <typename F>
void each_index(const Dims& shape, const F& f) {
  if (product(shape) == 0) return;
  Dims index = Dims::filled(shape.size(), 0);
  for (;;) {
    f(static_cast<const Dims&>(index));
    int axis = shape.size() - 1;
    while (axis >= 0 && ++index[axis] == shape[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

inline const uint8_t* at(const Array& array, const Dims& index) {
  int64_t place = 0;
  for (int axis = 0; axis < array.rank(); ++axis) place += index[axis] * array.strides()[axis];
  return array.data() + place * static_cast<int64_t>(size_of(array.element()));
}
template <typename T>
T value_at(const Array& array, const Dims& index) {
  T out;
  std::memcpy(&out, at(array, index), sizeof(T));
  return out;
}

/// Whether every element has the bytes that `expected(index)` points at.
template <typename F>
bool has_elements(const Array& array, const F& expected) {
  bool same = true;
  each_index(array.shape(), [&](const Dims& index) {
    same &= std::memcmp(at(array, index), expected(index), size_of(array.element())) == 0;
  });
  return same;
}

inline bool same_elements(const Array& a, const Array& b) {
  return a.type() == b.type() && has_elements(a, [&](const Dims& index) { return at(b, index); });
}

/// An array of Python's kind of literal.
template <typename T>
Array array_of(Element element, const Dims& shape, const std::vector<T>& values) {
  Array out = Array::empty({element, shape, {}});
  std::memcpy(out.mutable_data(), values.data(), values.size() * sizeof(T));
  return out;
}

}  // namespace cne::tensor::testing
