#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/file.h"

namespace cne::log {

/// A transaction that was given up, some of whose records may be in a view: those of the producer
/// from first_offset on, up to its abort marker.
struct AbortedTransaction {
  int64_t producer_id = 0;
  int64_t first_offset = 0;
};

/// How far a partition goes. start_offset <= last_stable_offset <= high_watermark <= end of the
/// log.
struct LogBounds {
  int64_t start_offset = 0;
  int64_t high_watermark = 0;      // readers see what lies before it
  int64_t last_stable_offset = 0;  // all transactions before it are decided
};

/// Whole batches as they lie in files, which the slices keep open: what happens to the topic,
/// compaction and removal too, does not change them. Nothing was read but headers; the receiver
/// checks the checksums.
struct ReadView {
  std::vector<FileSlice> slices;
  LogBounds bounds;
  int64_t next_offset = 0;                  // behind the last batch; what was asked for when none
  std::vector<AbortedTransaction> aborted;  // only asked for by read_committed
  size_t size() const {
    size_t out = 0;
    for (const FileSlice& slice : slices) out += slice.size;
    return out;
  }
};

struct ReadFault {
  enum class Kind : uint8_t {
    kOutOfRange,
    kCorrupt,  // damaged bytes on the disk
    kStorage,  // the disk failed
    kClosed,   // the topic was deleted
  };
  Kind kind = Kind::kOutOfRange;
  std::string why;
  LogBounds bounds;
};

struct OffsetAndTime {
  int64_t offset = -1;
  int64_t timestamp_ms = -1;
  int32_t leader_epoch = -1;
};

}  // namespace cne::log
