#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/buffer.h"
#include "core/dtype.h"

namespace cne {

/// Reads one bit of an Arrow bitmap.
inline bool get_bit(const uint8_t* bits, int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }
inline void set_bit(uint8_t* bits, int64_t i) {
  bits[i >> 3] |= static_cast<uint8_t>(1 << (i & 7));
}
inline void clear_bit(uint8_t* bits, int64_t i) {
  bits[i >> 3] &= static_cast<uint8_t>(~(1 << (i & 7)));
}
/// How many of the `length` bits from `offset` are set.
int64_t count_bits(const uint8_t* bits, int64_t offset, int64_t length);

/// The strings of a utf8 or binary column, whatever the width of its offsets.
class StringView {
 public:
  StringView(const void* offsets, bool large, const uint8_t* bytes)
      : offsets_(offsets), large_(large), bytes_(reinterpret_cast<const char*>(bytes)) {}
  int64_t start(int64_t i) const {
    return large_ ? static_cast<const int64_t*>(offsets_)[i]
                  : static_cast<const int32_t*>(offsets_)[i];
  }
  std::string_view operator[](int64_t i) const {
    const int64_t begin = start(i);
    return {bytes_ + begin, static_cast<size_t>(start(i + 1) - begin)};
  }
  const char* bytes() const { return bytes_; }

 private:
  const void* offsets_;
  bool large_;
  const char* bytes_;
};

/// A run of values of one type, with nulls, in Arrow's memory layout. A value: copying shares the
/// buffers, and nothing writes to them after construction, so columns may be read from any thread.
///
/// `offset` counts elements into every buffer (and, for structs, into the children), so that a
/// slice costs nothing. Accessors already add it: `values<T>()[i]` is element i.
class Column {
 public:
  Column() = default;
  /// Fixed-width values (bool: bit-packed). An empty `validity` means no nulls.
  Column(DataType type, int64_t length, Buffer values, Buffer validity = {}, int64_t offset = 0);
  /// utf8 or binary: offsets and bytes.
  static Column strings(DataType type, int64_t length, Buffer offsets, Buffer bytes,
                        Buffer validity = {}, int64_t offset = 0);
  /// list (offsets, one child) or struct (no offsets, one child a field).
  static Column nested(DataType type, int64_t length, Buffer offsets, std::vector<Column> children,
                       Buffer validity = {}, int64_t offset = 0);
  /// `length` nulls of a type.
  static Column nulls(DataType type, int64_t length);

  const DataType& type() const { return type_; }
  int64_t length() const { return length_; }
  int64_t offset() const { return offset_; }
  /// Counts the nulls once per call; kernels call it once per column.
  int64_t null_count() const;
  /// False is certain; true means that there is a bitmap.
  bool may_have_nulls() const { return static_cast<bool>(validity_); }
  bool is_valid(int64_t i) const { return !validity_ || get_bit(validity_.data(), offset_ + i); }

  template <typename T>
  const T* values() const {
    return values_.as<T>() + offset_;
  }
  /// Element i of a bool column.
  bool bit(int64_t i) const { return get_bit(values_.data(), offset_ + i); }
  StringView strings() const {
    assert(is_binary_like(type_.id));
    const bool large = is_large(type_.id);
    return {offsets_.data() + offset_ * (large ? 8 : 4), large, values_.data()};
  }
  /// Offsets of a list column, `length() + 1` of them.
  const int32_t* list_offsets() const { return offsets_.as<int32_t>() + offset_; }

  // The raw parts, all starting at element -offset().
  const Buffer& values_buffer() const { return values_; }
  const Buffer& offsets_buffer() const { return offsets_; }
  const Buffer& validity_buffer() const { return validity_; }
  const std::vector<Column>& children() const { return children_; }

  /// Elements [start, start + length) without copying. Throws ShapeError when out of range.
  Column slice(int64_t start, int64_t length) const;
  /// The same bytes under another type of equal width and layout (int64 as timestamp).
  Column with_type(DataType type) const;

 private:
  DataType type_;
  int64_t length_ = 0;
  int64_t offset_ = 0;
  Buffer values_;
  Buffer offsets_;
  Buffer validity_;
  std::vector<Column> children_;
};

/// Element i of a column of integers of any width; uint64 from 2^63 on comes out negative.
int64_t integer_at(const Column& column, int64_t i);

/// Appends whole columns of one type: the result holds their elements in order. One column is
/// returned as it is. Text of more than 2 GiB becomes large_utf8. Throws TypeError when the types
/// differ, naming `function`.
Column concat(const std::vector<Column>& parts, const char* function);

}  // namespace cne
