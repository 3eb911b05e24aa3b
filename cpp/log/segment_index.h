#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cne::log {

/// A transaction that was given up, whose abort marker lies in the segment.
struct AbortedRange {
  int64_t producer_id = 0;
  int64_t first_offset = 0;
  int64_t last_offset = 0;         // of the marker
  int64_t last_stable_offset = 0;  // transactions whose markers come later begin here or behind

  bool operator==(const AbortedRange&) const = default;
};

/// What is known of one segment: the sparse index of its batches by offset and by time, at most one
/// batch each kIndexInterval bytes, and its aborted transactions.
///
/// On disk one file beside the segment's `.log`, big-endian:
///
///   magic "CNIX" | format uint32 = 2 | crc uint32 | base_offset int64 | covered_bytes uint64 |
///   next_offset int64 | first_timestamp int64 | max_timestamp int64 |
///   entries uint32 | aborted uint32 | producers uint32 |
///   entries: offset - base_offset uint32, position uint32, max_timestamp int64 of all batches
///   before aborted: producer_id, first_offset, last_offset, last_stable_offset, int64 each
///   producers: so many bytes, see producer_state.h
///
/// The CRC-32C covers all behind itself. The first `covered_bytes` of the `.log` were checked and
/// synced when the file was written, and the producers are what they were there, so recovery begins
/// there: the index is the checkpoint. A file that is missing, torn or of another format is rebuilt
/// from the `.log`.
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
  void add_aborted(const AbortedRange& range) { aborted_.push_back(range); }
  /// The segment stands for all offsets up to there, though its last batches are gone.
  void stretch(int64_t next_offset) { next_offset_ = next_offset; }

  int64_t base_offset() const { return base_offset_; }
  uint64_t covered_bytes() const { return covered_bytes_; }
  int64_t next_offset() const { return next_offset_; }
  /// kNoTimestamp while there is no batch.
  int64_t max_timestamp() const { return max_timestamp_; }
  /// The largest timestamp of the first batch; kNoTimestamp while there is none.
  int64_t first_timestamp() const { return first_timestamp_; }
  const std::vector<Entry>& entries() const { return entries_; }
  /// In the order of their markers.
  const std::vector<AbortedRange>& aborted() const { return aborted_; }

  /// The last entry at or before an offset; the first batch when there is none.
  Entry find_offset(int64_t offset) const;
  /// The last entry at or before a position; the first batch when there is none.
  Entry find_position(uint64_t position) const;
  /// The last entry before whose batch all timestamps are smaller than `timestamp_ms`.
  Entry find_timestamp(int64_t timestamp_ms) const;
  /// Forgets the batches at and behind a position where a batch begins. `max_timestamp` is of what
  /// is left.
  void cut(uint64_t position, int64_t next_offset, int64_t max_timestamp);

  /// Writes the file so that it is there whole or as before; not synced. `stem` is the path of the
  /// `.log` without its ending.
  void save(const std::string& stem, std::string_view producers) const;
  /// False when the file is missing or not what `save` wrote; *this is then as constructed.
  /// `producers`, when it is asked for, are the bytes that were saved.
  bool load(const std::string& stem, std::string* producers);
  /// The entries are most of its memory, and are on the disk once the segment was closed. Without
  /// them everything is found from the first batch on.
  void forget_entries();
  void need_entries(const std::string& stem);

 private:
  bool parse(const std::string& bytes, std::string* producers);

  int64_t base_offset_;
  int64_t next_offset_;
  uint64_t covered_bytes_ = 0;
  int64_t max_timestamp_ = kNoTimestamp;
  int64_t first_timestamp_ = kNoTimestamp;
  bool forgot_entries_ = false;
  std::vector<Entry> entries_;
  std::vector<AbortedRange> aborted_;
};

}  // namespace cne::log
