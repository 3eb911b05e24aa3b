#pragma once

#include <cstddef>
#include <cstdint>

namespace cne::log {

/// Whether the bytes behind the last good batch of a partition are what a write that was cut short
/// leaves. They are not when they hold a good batch: then records behind a damaged batch would be
/// cut off. `next_offset` is that of the batch that should begin there.
///
/// A batch that is not good, but has the head of the one that must follow (its offset, the magic, a
/// length and counts that can be), says itself how far it goes, perhaps beyond the end. The next
/// one is looked for behind it, as long as there are such heads. So:
///
/// - What looks like a batch within one of those is part of a value in it, and says nothing, unless
///   it is the head's length that is damaged: the batch then has its checksum when it ends where
///   the next one (of the next offset) or the tail does; or batches of ascending offsets follow
///   each other up to where the head says that its own ends.
/// - Behind them, where nothing says what belongs to what, a good batch at any byte whose offset is
///   not smaller counts. A torn batch that lost its head too (a power failure can do that) and
///   holds one in a value is thus taken for damage, the side that loses nothing.
/// - A good batch in the first place has a damaged offset, which its checksum does not cover.
///
/// The last batch cannot be told from a torn one when more than its length or offset is damaged.
/// Time and memory are linear in the size.
bool is_torn_tail(const uint8_t* tail, size_t size, int64_t next_offset);

}  // namespace cne::log
