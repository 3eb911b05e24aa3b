#include "core/buffer.h"

#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "core/buffer_cache.h"
#include "core/error.h"

namespace cne {

Buffer Buffer::allocate(size_t size) {
  const size_t padded = (size + 63) / 64 * 64;
  if (padded < size) throw std::bad_alloc();
  Buffer out;
  const size_t capacity = padded == 0 ? 64 : padded;
  void* memory = take_block(capacity);
  if (memory == nullptr) throw std::bad_alloc();
  out.owner_ =
      std::shared_ptr<const void>(memory, [capacity](void* p) { give_block(p, capacity); });
  out.data_ = static_cast<uint8_t*>(memory);
  out.size_ = size;
  out.is_allocated_ = true;
  return out;
}

bool Buffer::is_sole() const {
  if (!is_allocated_ || owner_.use_count() != 1) return false;
  // The count is read without an order; who let go of the bytes counted down by one that releases.
  std::atomic_thread_fence(std::memory_order_acquire);
  return true;
}

Buffer Buffer::zeros(size_t size) {
  Buffer out = allocate(size);
  std::memset(out.data_, 0, (size + 63) / 64 * 64);
  return out;
}

Buffer Buffer::wrap(const void* data, size_t size, std::shared_ptr<const void> owner,
                    Device device) {
  Buffer out;
  out.owner_ = std::move(owner);
  out.data_ = static_cast<uint8_t*>(const_cast<void*>(data));
  out.size_ = size;
  out.device_ = device;
  return out;
}

Buffer Buffer::slice(size_t offset, size_t size) const {
  if (offset > size_ || size > size_ - offset)
    throw ShapeError(message("Buffer::slice: expected a range inside ", size_,
                             " bytes, got offset ", offset, " size ", size));
  Buffer out = *this;
  out.data_ += offset;
  out.size_ = size;
  return out;
}

}  // namespace cne
