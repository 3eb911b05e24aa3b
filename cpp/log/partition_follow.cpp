// How a reader in another process follows the writer of a partition: see partition_log.h.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/partition_log.h"

namespace cne::log {

namespace {

bool is_there(const File& file, const LastBatch& batch) {
  uint8_t bytes[kBatchHeaderSize];
  if (file.read_at(batch.position, bytes, sizeof bytes) != sizeof bytes) return false;
  const BatchHeader now = read_header(bytes);
  return now.base_offset == batch.header.base_offset && now.length == batch.header.length &&
         now.crc == batch.header.crc;
}

}  // namespace

/// Looks at what the writer has done: batches behind the known end, new segments, segments that
/// retention or compaction took.
void PartitionLog::refresh() {
  const std::lock_guard append(append_mutex_);
  for (;;) {
    const std::vector<std::string> names = list_directory(directory_);
    try {
      if (!refresh_from(names)) take(recover_partition(directory_, options_, context_->files));
      return;
    } catch (const IoError&) {
      if (list_directory(directory_) == names) throw;
    }
  }
}

/// False when what is known is not a beginning of what is there.
bool PartitionLog::refresh_from(const std::vector<std::string>& names) {
  std::vector<int64_t> bases;
  for (const std::string& name : names)
    if (const int64_t base = parse_segment_name(name); base >= 0) bases.push_back(base);
  if (bases.empty()) return true;
  if (std::binary_search(names.begin(), names.end(), "partition.state") &&
      !(PartitionState::load(directory_) == state_))
    return false;
  const std::lock_guard state(state_mutex_);
  std::vector<std::shared_ptr<Segment>> segments = segments_;
  std::erase_if(segments, [&](const auto& segment) { return segment->base_offset() < bases[0]; });
  const int64_t now_ms = options_.clock->now_ms();
  ProducerStates producers = producers_;
  const auto scan = [&](Segment& segment) {
    const auto stop = scan_segment(segment, segment.file.open()->size_on_disk(), producers, now_ms);
    if (stop.last) segment.last = stop.last;
  };
  if (!segments.empty()) {
    // The writer took back an append that failed, and perhaps made another one.
    Segment& last = *segments.back();
    if (!std::binary_search(bases.begin(), bases.end(), last.base_offset()) ||
        last.index.covered_bytes() > last.file.open()->size_on_disk() ||
        (last.last && !is_there(*last.file.open(), *last.last)))
      return false;
  }
  for (const int64_t base : bases) {
    if (!segments.empty()) {
      Segment& last = *segments.back();
      if (base <= last.base_offset()) continue;
      // A next segment means that this one is complete.
      scan(last);
      if (base != last.index.next_offset()) break;
    }
    segments.push_back(std::make_shared<Segment>(
        context_->files, directory_ + "/" + segment_name(base), base, File::Mode::kRead, true));
  }
  scan(*segments.back());
  segments_ = std::move(segments);
  producers_ = std::move(producers);
  log_end_ = end_offset_ = active().index.next_offset();
  return true;
}

}  // namespace cne::log
