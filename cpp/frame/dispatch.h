#pragma once

#include <cstdint>
#include <type_traits>

#include "core/column.h"

namespace cne::frame {

/// Calls `f(T{})` with the C++ type that holds one element of a fixed-width type: dates are
/// int32_t, timestamps and durations int64_t. Bool, text and nested types must not come here.
template <typename F>
decltype(auto) visit_fixed(DType id, F&& f) {
  switch (id) {
    case DType::kInt8:
      return f(int8_t{});
    case DType::kInt16:
      return f(int16_t{});
    case DType::kInt32:
    case DType::kDate:
      return f(int32_t{});
    case DType::kUInt8:
      return f(uint8_t{});
    case DType::kUInt16:
      return f(uint16_t{});
    case DType::kUInt32:
      return f(uint32_t{});
    case DType::kUInt64:
      return f(uint64_t{});
    case DType::kFloat32:
      return f(float{});
    case DType::kFloat64:
      return f(double{});
    default:
      return f(int64_t{});
  }
}

/// Reads the elements of a fixed-width column as T.
template <typename T>
struct FixedReader {
  using Value = T;
  const T* values;
  explicit FixedReader(const Column& column) : values(column.values<T>()) {}
  T operator()(int64_t i) const { return values[i]; }
};

/// Reads a bit-packed column as bytes of 0 and 1.
struct BoolReader {
  using Value = uint8_t;
  const uint8_t* bits;
  int64_t offset;
  explicit BoolReader(const Column& column)
      : bits(column.values_buffer().data()), offset(column.offset()) {}
  uint8_t operator()(int64_t i) const { return get_bit(bits, offset + i); }
};

/// Calls `f(reader)` for a bool or fixed-width column.
template <typename F>
decltype(auto) visit_reader(const Column& column, F&& f) {
  if (column.type().id == DType::kBool) return f(BoolReader(column));
  return visit_fixed(column.type().id,
                     [&](auto tag) { return f(FixedReader<decltype(tag)>(column)); });
}

}  // namespace cne::frame
