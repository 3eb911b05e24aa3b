#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "core/table.h"

namespace cne::stream {

/// Appends little-endian values to the bytes of a snapshot.
class StateWriter {
 public:
  template <typename T>
    requires(std::is_arithmetic_v<T>)
  void put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void put_text(std::string_view text) {
    put<uint64_t>(text.size());
    bytes_.append(text);
  }
  /// Type, length, null flags, then values; of a list lengths and items, of a struct its columns.
  void put_column(const Column& column);
  void put_table(const Table& table);
  /// For encoders that append by themselves.
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what StateWriter wrote. Reading past the end, or a length that cannot be, throws
/// CorruptionError: a snapshot is checked by its CRC first, so this is the second net.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}
  template <typename T>
    requires(std::is_arithmetic_v<T>)
  T get() {
    T value;
    std::memcpy(&value, take(sizeof(T)), sizeof(T));
    return value;
  }
  std::string_view get_text() {
    const auto size = get<uint64_t>();
    return {take(size), size};
  }
  /// A text that is shown to people: valid UTF-8.
  std::string get_name();
  /// A count of things that take at least `least_bytes` each.
  size_t get_count(size_t least_bytes);
  /// A number from `low` to `high`.
  template <typename T = int64_t>
  T get_within(T low, T high, const char* what) {
    const T value = get<T>();
    if (value < low || value > high) refuse(what, message(value));
    return value;
  }
  /// How many of something there have been: no sum of such numbers overflows.
  int64_t get_total() { return get_within<int64_t>(0, int64_t{1} << 60, "count"); }
  /// A column of this type; text may have the other width of offsets.
  Column get_column(const DataType& type);
  Table get_table(const Schema& schema);
  const uint8_t* here() const { return reinterpret_cast<const uint8_t*>(bytes_.data()) + at_; }
  const uint8_t* end() const {
    return reinterpret_cast<const uint8_t*>(bytes_.data()) + bytes_.size();
  }
  /// Goes on behind bytes that were decoded from `here()`.
  void move_to(const uint8_t* place) { at_ = static_cast<size_t>(place - here()) + at_; }
  /// Throws unless everything has been read.
  void finish() const;
  /// Throws CorruptionError: `what` cannot be `value`.
  [[noreturn]] void refuse(const char* what, const std::string& value) const;

 private:
  Buffer get_validity(size_t rows);
  Column get_strings(const DataType& type, size_t rows, Buffer validity);
  Column get_nested(DataType type, size_t rows, Buffer validity);
  const char* take(size_t size);
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace cne::stream
