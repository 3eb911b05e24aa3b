#include "log/segment_cleaner.h"

#include <utility>

#include "core/error.h"
#include "log/batch_cursor.h"
#include "log/recovery.h"

namespace cne::log {

namespace {

constexpr size_t kWriteBytes = 1 << 20;

File open_empty(const std::string& path) {
  File file = File::open(path, File::Mode::kReadWrite);
  if (file.size() > 0) file.truncate(0);
  return file;
}

}  // namespace

void for_each_batch(Segment& segment,
                    const std::function<void(const BatchHeader&, const uint8_t*)>& visit) {
  const SegmentIndex& index = segment.index;
  BatchScanner scanner(segment.file.open(), 0, index.covered_bytes());
  const auto fail = [&](const char* why) {
    throw_corrupt_file("compact", segment.file.path(), scanner.position(), why);
  };
  int64_t next = index.base_offset();
  while (const auto batch = scanner.next()) {
    const BatchHeader& header = batch.value();
    if (segment.compacted ? header.base_offset < next : header.base_offset != next)
      fail("the base offset does not follow the batch before");
    next = header.next_offset();
    try {
      visit(header, scanner.bytes());
    } catch (const CorruptionError& error) {
      fail(error.what());
    }
  }
  if (scanner.position() < index.covered_bytes()) fail("not a good batch");
  if (segment.compacted ? next > index.next_offset() : next != index.next_offset())
    fail("the segment ends at another offset than the next one begins");
}

SegmentCleaner::SegmentCleaner(std::string directory, int64_t base_offset)
    : directory_(std::move(directory)),
      stem_(cleaned_stem(directory_, base_offset)),
      file_(open_empty(stem_ + ".log")),
      index_(base_offset) {}

void SegmentCleaner::add(Segment& segment, const std::vector<AbortedRange>& aborted,
                         BatchFilter& filter) {
  auto range = aborted.begin();
  for_each_batch(segment, [&](const BatchHeader& header, const uint8_t* bytes) {
    const BatchFilter::Kept kept = filter.filter(header, bytes);
    changed_ = changed_ || kept.changed || kept.size == 0;
    if (kept.size == 0) return;
    const BatchHeader now = read_header(kept.bytes);
    index_.add(now.base_offset, now.next_offset(), now.max_timestamp, kept.size);
    if (header.control()) {
      while (range != aborted.end() && range->last_offset < header.base_offset) ++range;
      if (range != aborted.end() && range->last_offset == header.base_offset)
        index_.add_aborted(*range);
    }
    pending_.append(kept.bytes, kept.size);
    if (pending_.size() >= kWriteBytes) write();
  });
}

void SegmentCleaner::write() {
  if (!pending_.empty()) file_.append(pending_.data(), pending_.size());
  pending_.clear();
}

void SegmentCleaner::finish(int64_t end_offset, std::string_view producers) {
  write();
  file_.sync();
  file_.close();
  index_.stretch(end_offset);
  index_.save(stem_, producers);
  sync_directory(directory_);
}

void SegmentCleaner::discard() {
  file_.close();
  remove_segment(stem_);
}

}  // namespace cne::log
