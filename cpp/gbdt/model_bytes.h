#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace cne::gbdt {

/// Appends values one after the other, little-endian; lists begin with a u32 length.
class ModelWriter {
 public:
  template <typename T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <typename T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  void put_text(const std::string& text) {
    put(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Takes them back. What does not fit throws CorruptionError naming `function`; both views must
/// outlive it.
class ModelReader {
 public:
  ModelReader(std::string_view bytes, const char* function) : bytes_(bytes), function_(function) {}

  template <typename T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  /// A length whose elements, `least` bytes each, can still follow: no huge allocations.
  uint32_t get_count(size_t least) {
    const auto count = get<uint32_t>();
    if (count > (bytes_.size() - at_) / least) broken("a length is beyond the end");
    return count;
  }
  template <typename T>
  std::vector<T> get_all() {
    std::vector<T> out(get_count(sizeof(T)));
    for (T& value : out) value = get<T>();
    return out;
  }
  std::string get_text() {
    const uint32_t size = get_count(1);
    return std::string(take(size));
  }
  bool get_flag() {
    const auto flag = get<uint8_t>();
    if (flag > 1) broken("a flag is neither 0 nor 1");
    return flag == 1;
  }
  bool done() const { return at_ == bytes_.size(); }
  [[noreturn]] void broken(const char* what) const {
    throw CorruptionError(message(function_, ": not a whole cnengine model: ", what, " (byte ", at_,
                                  " of ", bytes_.size(), ")"));
  }

 private:
  std::string_view take(size_t size) {
    if (size > bytes_.size() - at_) broken("it ends too early");
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  std::string_view bytes_;
  const char* function_;
  size_t at_ = 0;
};

}  // namespace cne::gbdt
