#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/options.h"
#include "log/partition_state.h"
#include "log/producer_state.h"
#include "log/segment.h"

namespace cne::log {

/// What opening a partition had to mend.
struct RecoveryNote {
  std::string file;
  uint64_t position = 0;   // where it was cut, or 0
  uint64_t bytes_cut = 0;  // 0 when only an index was rebuilt
  std::string what;
};

/// A partition as it was found.
struct Recovered {
  std::vector<std::shared_ptr<Segment>> segments;
  PartitionState state;
  ProducerStates producers;
  std::vector<RecoveryNote> notes;
  uint64_t saved_bytes = 0;  // of the last segment that its index on the disk covers
  bool is_synced = true;     // false: the end of the last segment may not be on the disk
};

/// Opens the segments of a partition, ascending, and makes them whole:
///
/// - A swap that a compaction had decided on is finished; what it had not is removed.
/// - Closed segments are taken as they are when their index covers them, else read through, checked
///   and indexed again. They were synced before the next one was begun, so a bad batch there is
///   corruption. Offsets follow each other, but in compacted segments, where they ascend.
/// - The last segment is read from what its index covers on. What follows the last good batch is a
///   torn tail, which is cut off, unless it holds a good batch (see torn_tail.h): that means
///   corruption in the middle. The rest is to be synced before anyone sees it, as its writer may
///   not have come to it (is_synced). A file that is shorter than what its index says was synced
///   has lost its end.
///
/// Corruption throws CorruptionError with file and byte position, or, with `options.repair`, ends
/// the partition there. With `options.read_only` nothing on disk is changed: a torn tail is not
/// looked at (the writer may be about to finish it) and an index is rebuilt in memory alone. When
/// the writer took segments away in the meantime, all is begun again.
/// Files that a crash left half done (indexes without a segment) are removed.
///
/// A new partition gets a first segment that is not on the disk yet, unless read_only.
Recovered recover_partition(const std::string& directory, const LogOptions& options,
                            const std::shared_ptr<FilePool>& files);

/// Reads the batches behind what the segment's index covers, up to `end`, and notes them in it and
/// in `producers`. Returns where it stopped: `end`, or the first bytes that are not the batch that
/// must follow.
struct ScanStop {
  uint64_t position = 0;
  const char* why = nullptr;      // null at the end
  std::optional<LastBatch> last;  // of those that were read
};
ScanStop scan_segment(Segment& segment, uint64_t end, ProducerStates& producers, int64_t now_ms);

/// Does what a swap in `state` says (see PartitionState) and takes it out of it. Any part of it may
/// have been done before.
void finish_swap(const std::string& directory, PartitionState& state);
/// The first half of it: the files.
void move_swapped(const std::string& directory, const PartitionState& state);
/// "<directory>/00000000000000000042.cleaned"
std::string cleaned_stem(const std::string& directory, int64_t base_offset);

}  // namespace cne::log
