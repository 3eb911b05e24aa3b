#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/byte_buffer.h"

namespace cne {

/// A JSON document in memory. A value. Arrays that hold numbers alone are kept packed; an integer
/// beyond 2^53 in such an array is rounded, one that stands by itself is not. Members keep their
/// order.
class JsonValue {
 public:
  /// A packed array. `type` is the letter of the elements in UBJSON ('U', 'i', 'I', 'l', 'L', 'd',
  /// 'D'), 0 where they carry their own; in text, 'd' is written with the digits of a float32.
  struct Numbers {
    std::vector<double> values;
    char type = 0;
  };
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;

  JsonValue() = default;
  explicit JsonValue(bool value) : value_(value) {}
  explicit JsonValue(int64_t value) : value_(value) {}
  explicit JsonValue(double value) : value_(value) {}
  explicit JsonValue(std::string value) : value_(std::move(value)) {}
  explicit JsonValue(const char* value) : value_(std::string(value)) {}
  explicit JsonValue(Numbers value) : value_(std::move(value)) {}
  explicit JsonValue(Array value) : value_(std::move(value)) {}
  explicit JsonValue(Object value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // Each is null when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Numbers* numbers() const { return std::get_if<Numbers>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }

  /// The first member of that name; null when there is none, or this is no object.
  const JsonValue* find(std::string_view name) const;

  /// Appends a member to an object; a null value becomes one.
  template <typename T>
  JsonValue& add(std::string name, T value) {
    return add_member(std::move(name), JsonValue(std::move(value)));
  }

 private:
  JsonValue& add_member(std::string name, JsonValue value);
  std::variant<std::monostate, bool, int64_t, double, std::string, Numbers, Array, Object> value_;
};

/// How deep documents may be nested.
inline constexpr int kMaxJsonDepth = 400;

/// Reads a whole text (RFC 8259; also NaN and Infinity). Throws CorruptionError that begins with
/// `function` and names the byte. Memory stays in proportion to the text.
JsonValue parse_json(std::string_view text, const char* function);

/// Appends the value without spaces. Numbers read back equal; NaN and infinities become null.
void write_json(const JsonValue& value, ByteBuffer& out);

}  // namespace cne
