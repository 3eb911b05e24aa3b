#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/device.h"

namespace cne {

/// Bytes on a device, shared by reference count. The one owner of memory: columns, tensors and
/// record batches hold or view a Buffer, so data passes between subsystems without copies.
///
/// A value: copying shares the bytes. Safe to share between threads while nobody writes. Memory
/// from `allocate` is aligned to 64 bytes and padded to a multiple of 64; foreign memory is as
/// aligned as its owner left it.
class Buffer {
 public:
  Buffer() = default;

  /// Uninitialised bytes on the CPU. Throws std::bad_alloc.
  static Buffer allocate(size_t size);
  /// Zeroed bytes on the CPU.
  static Buffer zeros(size_t size);
  /// Views memory that `owner` keeps alive (an Arrow array, a mapped file, a NumPy array).
  static Buffer wrap(const void* data, size_t size, std::shared_ptr<const void> owner,
                     Device device = {});

  const uint8_t* data() const { return data_; }
  /// The writable bytes; only for the code that allocated them and has not shared them yet.
  uint8_t* mutable_data() { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  explicit operator bool() const { return data_ != nullptr; }
  Device device() const { return device_; }
  /// Whether this is the only Buffer of memory from `allocate`, so that who has it may write. Stays
  /// true while nobody else can copy this one: one holder cannot become two by itself. What others
  /// did with the bytes before they let go of them has happened by then.
  bool is_sole() const;

  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }
  template <typename T>
  T* mutable_as() {
    return reinterpret_cast<T*>(data_);
  }

  /// A part of the same memory; `offset + size` must lie inside.
  Buffer slice(size_t offset, size_t size) const;

 private:
  std::shared_ptr<const void> owner_;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  Device device_;
  bool is_allocated_ = false;
};

}  // namespace cne
