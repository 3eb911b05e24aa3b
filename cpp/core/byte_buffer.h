#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "core/buffer.h"

namespace cne {

/// Bytes that grow at the end: what encoders write into. Unlike std::vector it never zeroes, and
/// `room` hands out a pointer to write through, so a record costs one check for space.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~ByteBuffer() { std::free(data_); }

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  /// New bytes are uninitialised.
  void resize(size_t size) {
    reserve(size);
    size_ = size;
  }
  void reserve(size_t capacity) {
    if (capacity > capacity_) enlarge(capacity);
  }

  /// Where the next bytes go, with space for `count` of them; `end_at` says how far they went.
  uint8_t* room(size_t count) {
    if (size_ + count > capacity_) enlarge(size_ + count);
    return data_ + size_;
  }
  void end_at(const uint8_t* end) { size_ = static_cast<size_t>(end - data_); }

  void append(const void* bytes, size_t count) {
    if (count == 0) return;
    std::memcpy(room(count), bytes, count);
    size_ += count;
  }
  void append(std::string_view text) { append(text.data(), text.size()); }
  void push(char c) {
    *room(1) = static_cast<uint8_t>(c);
    ++size_;
  }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

  /// Hands the bytes over without a copy; this object is empty after it.
  Buffer release() {
    uint8_t* data = std::exchange(data_, nullptr);
    const size_t size = std::exchange(size_, 0);
    capacity_ = 0;
    if (data == nullptr) return Buffer::allocate(0);
    return Buffer::wrap(data, size, std::shared_ptr<const void>(data, [](const void* p) {
                          std::free(const_cast<void*>(p));
                        }));
  }

 private:
  void swap(ByteBuffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void enlarge(size_t needed) {
    const size_t doubled = capacity_ * 2;
    const size_t capacity = needed > doubled ? (needed < 64 ? 64 : needed) : doubled;
    auto* moved = static_cast<uint8_t*>(std::realloc(data_, capacity));
    if (moved == nullptr) throw std::bad_alloc();
    data_ = moved;
    capacity_ = capacity;
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace cne
