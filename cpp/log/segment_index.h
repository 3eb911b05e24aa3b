#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace cne::log {

/// The sparse indexes of one segment: where a batch begins, at most one batch each
/// kIndexInterval bytes.
///
/// On disk two files beside the segment's `.log`, each a header and then entries, big-endian:
///
///   magic "CNIX" or "CNTX" | format uint32 = 1 | crc uint32 | covered_bytes uint64 |
///   next_offset int64 | max_timestamp int64 | entries...
///   .index      entry: offset - base_offset uint32 | position uint32
///   .timeindex  entry: max_timestamp int64 of all batches before the one at | offset -
///               base_offset uint32
///
/// The CRC-32C covers all behind itself. The first `covered_bytes` of the `.log` were checked and
/// synced when the files were written, so recovery begins there: the index is the checkpoint. The
/// i-th entries of both files are of the same batch. A file that is missing, torn or of another
/// format is rebuilt from the `.log`.
class SegmentIndex {
 public:
  struct Entry {
    uint32_t relative_offset = 0;
    uint32_t position = 0;
    int64_t max_timestamp_before = kNoTimestamp;
  };
  static constexpr int64_t kNoTimestamp = std::numeric_limits<int64_t>::min();
  static constexpr uint64_t kIndexInterval = 4096;

  explicit SegmentIndex(int64_t base_offset = 0)
      : base_offset_(base_offset), next_offset_(base_offset) {}

  /// Notes the batch that begins at covered_bytes(), which then lies behind it.
  void add(int64_t batch_offset, int64_t next_offset, int64_t max_timestamp, uint64_t batch_size);

  int64_t base_offset() const { return base_offset_; }
  uint64_t covered_bytes() const { return covered_bytes_; }
  int64_t next_offset() const { return next_offset_; }
  /// kNoTimestamp while there is no batch.
  int64_t max_timestamp() const { return max_timestamp_; }
  const std::vector<Entry>& entries() const { return entries_; }

  /// The last entry at or before an offset; the first batch when there is none.
  Entry find_offset(int64_t offset) const;
  /// The last entry at or before a position; the first batch when there is none.
  Entry find_position(uint64_t position) const;
  /// The last entry before whose batch all timestamps are smaller than `timestamp_ms`.
  Entry find_timestamp(int64_t timestamp_ms) const;
  /// Forgets the batches at and behind a position where a batch begins. `max_timestamp` is of what
  /// is left.
  void cut(uint64_t position, int64_t next_offset, int64_t max_timestamp);

  /// Writes both files; `stem` is the path of the `.log` without its ending. Not synced.
  void save(const std::string& stem) const;
  /// False when a file is missing or not what `save` wrote; *this is then as constructed.
  bool load(const std::string& stem);

 private:
  bool parse(const std::string& offsets, const std::string& times);

  int64_t base_offset_;
  int64_t next_offset_;
  uint64_t covered_bytes_ = 0;
  int64_t max_timestamp_ = kNoTimestamp;
  std::vector<Entry> entries_;
};

}  // namespace cne::log
