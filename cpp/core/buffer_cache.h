#pragma once

#include <cstddef>

namespace cne {

// Large blocks of memory that were let go of are kept for the next of their size: fresh ones cost a
// page fault per page, which for one pass over an array is more than the pass. At most 1/16 of the
// machine's memory and 4 GiB are kept. Safe by threads; a block may be given back by another one.

/// Blocks below this come from the C library alone.
inline constexpr size_t kSmallestCached = size_t{64} << 10;

/// At least `size` uninitialised bytes, aligned to 64; null where there is no memory.
void* take_block(size_t size);
/// Gives back a block of take_block with its size.
void give_block(void* block, size_t size);

}  // namespace cne
