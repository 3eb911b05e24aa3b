#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/file.h"
#include "log/record_batch.h"
#include "log/segment_index.h"

namespace cne::log {

/// Where the last batch that a reader has seen begins.
struct LastBatch {
  uint64_t position = 0;
  BatchHeader header;
};

/// One file of record batches, `<base offset, 20 digits>.log`, with its indexes. Only the last
/// segment of a partition is written to; one that was closed never changes.
///
/// `file` may be read from any thread. The index is guarded by the partition that holds the
/// segment.
struct Segment {
  Segment(File file, std::string stem, int64_t base_offset)
      : file(std::move(file)), stem(std::move(stem)), index(base_offset) {}

  File file;
  std::string stem;  // the path without its ending
  SegmentIndex index;
  std::optional<LastBatch> last;  // reading only: to see whether the writer took it back

  int64_t base_offset() const { return index.base_offset(); }
};

/// "00000000000000000042" for 42.
std::string segment_name(int64_t base_offset);
/// The offset in a name such as "00000000000000000042.log"; -1 when it is not a segment's.
int64_t parse_segment_name(const std::string& file_name);

/// Opens `<directory>/<name>.log` without looking at it; `create` makes an empty one.
std::unique_ptr<Segment> open_segment(const std::string& directory, int64_t base_offset,
                                      bool read_only);
/// Removes the files of a segment; the `.log` first, so that what a crash leaves is no segment.
void remove_segment(const std::string& stem);
void remove_index(const std::string& stem);

/// Reads the batches of a file one after the other, each checked.
class BatchScanner {
 public:
  BatchScanner(const File& file, uint64_t position, uint64_t end);

  /// The next batch, or the fault of the bytes at position(). At the end of the file: kCut with
  /// position() == end(). The bytes are valid until the next call.
  Result<BatchHeader, BatchFault> next();
  const uint8_t* bytes() const { return buffer_.data() + at_; }
  /// Of the batch that `next` returned, or that failed.
  uint64_t position() const { return position_; }
  uint64_t end() const { return end_; }

 private:
  void fill(size_t need);

  const File& file_;
  ByteBuffer buffer_;
  size_t at_ = 0;    // of the batch in buffer_
  size_t size_ = 0;  // of the batch returned last
  uint64_t position_;
  uint64_t end_;
};

}  // namespace cne::log
