#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/buffer.h"

namespace cne::feature {

/// Appends little-endian values to a string.
class ByteWriter {
 public:
  template <typename T>
  void put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void put_string(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    bytes_.append(text);
  }
  void put_bytes(const void* data, size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }
  /// Zeros up to a multiple of 8, so that what follows can be read in place from a mapped file.
  void pad8() { bytes_.append((8 - bytes_.size() % 8) % 8, '\0'); }
  size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }
  /// The bytes as an owned buffer, aligned as operator new aligns.
  Buffer take_buffer() {
    auto held = std::make_shared<std::string>(std::move(bytes_));
    return Buffer::wrap(held->data(), held->size(), held);
  }

 private:
  std::string bytes_;
};

/// Reads what ByteWriter wrote and never past the end: after the first bad read `ok()` is false and
/// all reads give zeros or empty text.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  template <typename T>
  T get() {
    T value{};
    if (const char* from = take(sizeof(T))) std::memcpy(&value, from, sizeof(T));
    return value;
  }
  std::string_view get_string() {
    const auto size = get<uint32_t>();
    const char* from = take(size);
    return from != nullptr ? std::string_view(from, size) : std::string_view();
  }
  /// The next `size` bytes, or null when there are fewer.
  const char* take(size_t size) {
    if (!ok_ || size > bytes_.size() - at_) {
      ok_ = false;
      return nullptr;
    }
    const char* from = bytes_.data() + at_;
    at_ += size;
    return from;
  }
  void skip_pad8() { take((8 - at_ % 8) % 8); }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  size_t position() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace cne::feature
