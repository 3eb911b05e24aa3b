#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/byte_buffer.h"
#include "log/offset_map.h"
#include "log/producer_state.h"
#include "log/record_batch.h"
#include "log/record_walk.h"
#include "log/segment_index.h"

namespace cne::log {

/// What one compaction keeps.
///
/// - Of records: the last one of each key, by `latest`, unless it has no value (a tombstone) and
/// its
///   time is over; none of an aborted transaction, none without a key.
/// - A batch keeps its base offset, last offset and sequence. One that loses all records goes, but
///   for the last one of a producer, whose header stays: it says what the next sequence is.
/// - A tombstone's time is over delete.retention.ms after the first compaction that met it. That
///   moment is noted in its batch: bit 6 of the attributes, and the base timestamp (KIP-534).
/// - A marker stays as long as a batch of its transaction does, and then as long as a tombstone.
///
/// Batches come in the order of the log, whole transactions only.
class BatchFilter {
 public:
  struct Rules {
    int64_t start_offset = 0;  // records before it were deleted
    int64_t now_ms = 0;
    int64_t delete_retention_ms = 0;
  };
  BatchFilter(const OffsetMap& latest, const std::vector<AbortedRange>& aborted,
              const ProducerStates& producers, const Rules& rules);

  /// The bytes of the batch after compaction, valid until the next call; size 0 when it goes.
  /// Throws CorruptionError for records that are malformed behind a good checksum.
  struct Kept {
    const uint8_t* bytes = nullptr;
    size_t size = 0;
    bool changed = false;
  };
  Kept filter(const BatchHeader& header, const uint8_t* batch);

  /// Notes the last offsets of the keys in a batch; see `aborted` for what does not count.
  void note_keys(const BatchHeader& header, const uint8_t* batch, OffsetMap& latest);

 private:
  bool is_aborted(const BatchHeader& header) const;
  Kept filter_marker(const BatchHeader& header, const uint8_t* batch);
  Kept filter_records(const BatchHeader& header, const uint8_t* batch);
  Kept without_records(const BatchHeader& header);
  Kept rebuild(BatchHeader header, const std::vector<RecordView>& records, bool set_horizon);
  template <typename Visit>
  void visit_records(const BatchHeader& header, const uint8_t* batch, Visit&& visit);

  const OffsetMap& latest_;
  const ProducerStates& producers_;
  const Rules rules_;
  std::unordered_map<int64_t, std::vector<AbortedRange>> aborted_;  // by producer
  std::unordered_set<int64_t> with_data_;  // producers whose transaction has kept a batch
  ByteBuffer plain_;
  ByteBuffer packed_;
  ByteBuffer out_;
};

/// The moment after which tombstones of a batch may go; nothing before the first compaction.
std::optional<int64_t> delete_horizon(const BatchHeader& header);

}  // namespace cne::log
