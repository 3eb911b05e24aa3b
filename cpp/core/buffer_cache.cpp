#include "core/buffer_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace cne {

namespace {

/// Sizes of blocks: eight between two powers of 2, so at most an eighth is lost.
constexpr size_t kSteps = 8;
/// From here on blocks lie on whole huge pages.
constexpr size_t kHugePage = size_t{2} << 20;

size_t class_of(size_t size) {
  const auto power = static_cast<size_t>(std::bit_width(size - 1)) - 1;
  const size_t step = (size_t{1} << power) / kSteps;
  return power * kSteps + (size - 1 - (size_t{1} << power)) / step;
}

size_t capacity_of(size_t size_class) {
  const size_t power = size_class / kSteps;
  return (size_t{1} << power) / kSteps * (kSteps + size_class % kSteps + 1);
}

size_t most_bytes() {
  const auto pages = static_cast<size_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
  const auto page = static_cast<size_t>(std::max(sysconf(_SC_PAGESIZE), 0L));
  return std::min(pages * page / 16, size_t{4} << 30);
}

struct Cache {
  std::vector<void*> empty() {
    std::vector<void*> out;
    for (std::vector<void*>& each : blocks) {
      out.insert(out.end(), each.begin(), each.end());
      each.clear();
    }
    bytes = 0;
    return out;
  }

  std::mutex mutex;
  std::array<std::vector<void*>, 64 * kSteps> blocks;
  size_t bytes = 0;
  const size_t limit = most_bytes();
};

/// Never destroyed: buffers may outlive everything.
Cache& cache() {
  static Cache* const only = new Cache;
  return *only;
}

void* fresh(size_t capacity) {
  const size_t alignment = capacity >= 2 * kHugePage ? kHugePage : 64;
  const size_t padded = (capacity + alignment - 1) / alignment * alignment;
  void* const out = std::aligned_alloc(alignment, padded);
#ifdef MADV_HUGEPAGE
  if (out != nullptr && alignment == kHugePage) madvise(out, padded, MADV_HUGEPAGE);
#endif
  return out;
}

}  // namespace

void* take_block(size_t size) {
#ifdef CNE_SANITIZED
  return std::aligned_alloc(64, size);
#else
  if (size < kSmallestCached) return std::aligned_alloc(64, size);
  const size_t size_class = class_of(size);
  {
    // Who waits for nobody is safe after a fork, too, where the lock's owner may not exist.
    const std::unique_lock lock(cache().mutex, std::try_to_lock);
    std::vector<void*>& blocks = cache().blocks[size_class];
    if (lock.owns_lock() && !blocks.empty()) {
      void* const out = blocks.back();
      blocks.pop_back();
      cache().bytes -= capacity_of(size_class);
      return out;
    }
  }
  return fresh(capacity_of(size_class));
#endif
}

void give_block(void* block, size_t size) {
#ifndef CNE_SANITIZED
  if (size >= kSmallestCached) {
    const size_t size_class = class_of(size);
    const size_t capacity = capacity_of(size_class);
    std::vector<void*> old;
    std::unique_lock lock(cache().mutex, std::try_to_lock);
    if (lock.owns_lock() && capacity <= cache().limit) {
      // When it is full its blocks are of sizes that were wanted before: it begins anew.
      if (cache().bytes + capacity > cache().limit) old = cache().empty();
      cache().blocks[size_class].push_back(block);
      cache().bytes += capacity;
      lock.unlock();
      for (void* const each : old) std::free(each);
      return;
    }
  }
#endif
  std::free(block);
}

}  // namespace cne
