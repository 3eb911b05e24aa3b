#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"
#include "log/batch_filter.h"
#include "log/segment.h"

namespace cne::log {

/// Calls `visit(header, bytes)` for each batch of a closed segment. Throws CorruptionError, naming
/// file and byte, for a batch that is bad or out of order, and for what `visit` throws.
void for_each_batch(Segment& segment,
                    const std::function<void(const BatchHeader&, const uint8_t*)>& visit);

/// Writes what compaction keeps of some segments that follow each other into one that is to take
/// their place: `<directory>/<base offset>.cleaned.log` and `.cleaned.index`.
class SegmentCleaner {
 public:
  SegmentCleaner(std::string directory, int64_t base_offset);

  /// Throws CorruptionError for a bad batch, naming file and byte; IoError.
  void add(Segment& segment, const std::vector<AbortedRange>& aborted, BatchFilter& filter);
  /// Whether anything is not as it was.
  bool changed() const { return changed_; }
  /// Makes the file durable and writes its index, with `producers` as of the end. The new segment
  /// stands for all offsets up to `end_offset`.
  void finish(int64_t end_offset, std::string_view producers);
  const SegmentIndex& index() const { return index_; }
  /// Removes the files.
  void discard();

 private:
  void write();

  std::string directory_;
  std::string stem_;
  File file_;
  SegmentIndex index_;
  ByteBuffer pending_;
  bool changed_ = false;
};

}  // namespace cne::log
