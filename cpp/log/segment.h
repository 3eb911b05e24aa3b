#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/byte_buffer.h"
#include "core/file.h"
#include "log/file_pool.h"
#include "log/record_batch.h"
#include "log/segment_index.h"

namespace cne::log {

/// Where the last batch that a reader has seen begins.
struct LastBatch {
  uint64_t position = 0;
  BatchHeader header;
};

/// One file of record batches, `<base offset, 20 digits>.log`, with its index. Only the last
/// segment of a partition is written to; one that was closed never changes. A compacted one takes
/// the place of its predecessors as a new object; those stay readable as long as they are held.
///
/// `file` may be used from any thread. The rest is guarded by the partition that holds the segment.
struct Segment {
  Segment(std::shared_ptr<FilePool> pool, const std::string& stem, int64_t base_offset,
          File::Mode mode, bool keep)
      : file(std::move(pool), stem + ".log", mode, keep), index(base_offset) {}

  PooledFile file;
  SegmentIndex index;
  std::optional<LastBatch> last;  // reading only: to see whether the writer took it back
  bool compacted = false;         // offsets may leave gaps
  bool is_new = false;            // not on the disk yet: the first one of an empty partition
  bool used = false;              // its index, of late

  int64_t base_offset() const { return index.base_offset(); }
  /// The path without ".log".
  std::string stem() const { return file.path().substr(0, file.path().size() - 4); }
};

/// "00000000000000000042" for 42.
std::string segment_name(int64_t base_offset);
/// The offset in a name such as "00000000000000000042.log"; -1 when it is not a segment's.
int64_t parse_segment_name(const std::string& file_name);

/// Removes the files of a segment; the `.log` first, so that what a crash leaves is no segment.
void remove_segment(const std::string& stem);
void remove_index(const std::string& stem);

/// Reads the batches of a file one after the other, each checked.
class BatchScanner {
 public:
  BatchScanner(std::shared_ptr<const File> file, uint64_t position, uint64_t end);

  /// The next batch, or the fault of the bytes at position(). At the end of the file: kCut with
  /// position() == end(). The bytes are valid until the next call.
  Result<BatchHeader, BatchFault> next();
  const uint8_t* bytes() const { return buffer_.data() + at_; }
  /// Of the batch that `next` returned, or that failed.
  uint64_t position() const { return position_; }
  uint64_t end() const { return end_; }

 private:
  void fill(size_t need);

  std::shared_ptr<const File> file_;
  ByteBuffer buffer_;
  size_t at_ = 0;    // of the batch in buffer_
  size_t size_ = 0;  // of the batch returned last
  uint64_t position_;
  uint64_t end_;
};

}  // namespace cne::log
