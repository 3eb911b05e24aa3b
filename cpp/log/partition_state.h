#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cne::log {

/// Offsets [begin, end) that one compacted segment, named after `begin`, stands for. Only there the
/// offsets of batches may leave gaps.
struct CleanedRange {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const CleanedRange&) const = default;
};

/// What a partition knows that its segments do not say. It is in `partition.state`, a text like
/// topic.config, once there is something to know:
///
///   cnengine partition 1
///   start_offset=42            records before it were deleted
///   cleaned=0:1000             a compacted segment and where it ends
///   swap=1000:2000:7777        see below
///   crc32c=...
///
/// `swap` is written when a compaction is done with those segments: 1000.cleaned.log, of 7777
/// bytes, is to take their place. Whoever opens the partition then finishes it: renames that file
/// to 1000.log and removes the segments from 1001 to 1999. A file .cleaned.log without that line is
/// what a crash left.
struct PartitionState {
  int64_t start_offset = 0;
  std::vector<CleanedRange> cleaned;  // ascending
  std::optional<CleanedRange> swap;
  int64_t swap_bytes = 0;

  /// The range of the segment that begins there, if it is a compacted one.
  const CleanedRange* find_cleaned(int64_t begin) const;
  /// Everything before it was compacted at least once; 0 before the first time.
  int64_t cleaned_to() const { return cleaned.empty() ? 0 : cleaned.back().end; }

  /// The path of the file in a partition's directory.
  static std::string path_in(const std::string& directory);
  /// Replaces the file so that after a crash the old or the new one is there.
  void save(const std::string& directory) const;
  /// What `save` wrote, or an empty state when there is no file. Throws CorruptionError naming the
  /// file.
  static PartitionState load(const std::string& directory);

  bool operator==(const PartitionState&) const = default;
};

}  // namespace cne::log
