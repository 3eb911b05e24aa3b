#pragma once

#include <cmath>
#include <complex>
#include <cstring>
#include <random>
#include <vector>

#include "tensor/array.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"

// Arrays for tests, and their elements in the order of rows.

namespace arrays {

using cne::tensor::Array;
using cne::tensor::Dims;
using cne::tensor::Element;
using Complex = std::complex<double>;

inline Array of(Element element, const Dims& shape, const std::vector<Complex>& numbers) {
  Array out = Array::empty({element, shape, {}});
  if (out.size() != 0)
    cne::tensor::cast_tile(Element::kComplex128, numbers.data(), element, out.mutable_data(),
                           out.size());
  return out;
}

/// Floats of a normal distribution; integers of any value, as bits.
inline Array random(Element element, const Dims& shape, unsigned seed) {
  std::mt19937_64 bits(seed);
  if (!cne::tensor::is_inexact(element)) {
    Array out = Array::empty({element, shape, {}});
    for (int64_t i = 0; i < out.bytes(); ++i)
      out.mutable_data()[i] = static_cast<uint8_t>(bits() & (element == Element::kBool ? 1 : 255));
    return out;
  }
  std::normal_distribution<double> normal;
  std::vector<Complex> numbers(static_cast<size_t>(cne::tensor::product(shape)));
  for (Complex& each : numbers) each = {normal(bits), normal(bits)};
  return of(element, shape, numbers);
}

template <typename T>
std::vector<T> elements(const Array& array, Element element) {
  const Array row_by_row = contiguous(cast(array, element));
  std::vector<T> out(static_cast<size_t>(array.size()));
  if (array.size() != 0)
    std::memcpy(out.data(), row_by_row.data(), static_cast<size_t>(row_by_row.bytes()));
  return out;
}
inline std::vector<Complex> numbers(const Array& array) {
  return elements<Complex>(array, Element::kComplex128);
}
/// Exact but for uint64, whose bits they are.
inline std::vector<int64_t> integers(const Array& array) {
  return array.element() == Element::kUInt64 ? elements<int64_t>(array, Element::kUInt64)
                                             : elements<int64_t>(array, Element::kInt64);
}

/// The largest |a - b|, infinite where shapes differ or one is NaN.
inline double distance(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double out = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double each = std::abs(a[i] - b[i]);
    if (!(each <= out)) out = std::isnan(each) ? HUGE_VAL : each;
  }
  return out;
}

/// Half the distance of neighbouring numbers at 1.
inline double rounding(Element element) {
  switch (element) {
    case Element::kBFloat16:
      return 0x1p-8;
    case Element::kFloat16:
      return 0x1p-11;
    case Element::kFloat32:
    case Element::kComplex64:
      return 0x1p-24;
    default:
      return 0x1p-53;
  }
}

}  // namespace arrays
