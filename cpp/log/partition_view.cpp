// The views and lookups of partition_log.h: what a server sends without decoding it.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/partition_log.h"
#include "log/record_decoder.h"

namespace cne::log {

namespace {

[[noreturn]] void throw_corrupt(const char* function, const std::string& file, uint64_t position,
                                const char* why) {
  throw CorruptionError(
      message(function, ": \"", file, "\" is corrupt at byte ", position, ": ", why));
}

}  // namespace

Result<ReadView, ReadFault> PartitionLog::view(int64_t offset, int64_t max_bytes,
                                               bool read_committed) {
  const LogBounds now = bounds();
  const int64_t end = read_committed ? now.last_stable_offset : now.high_watermark;
  if (offset < now.start_offset || offset > now.high_watermark)
    return ReadFault{ReadFault::Kind::kOutOfRange,
                     message("offset ", offset, " of ", label_, " is out of range, expected ",
                             now.start_offset, " to ", now.high_watermark),
                     now};
  ReadView out;
  out.bounds = now;
  if (offset >= end) return out;
  try {
    const std::optional<Place> place = locate(offset, "view");
    if (!place) return out;
    const std::shared_ptr<const File> file(place->segment, &place->segment->file);
    uint64_t at = place->position;
    uint64_t begin = at;
    uint8_t bytes[kBatchHeaderSize];
    while (at < place->end) {
      if (file->read_at(at, bytes, sizeof bytes) != sizeof bytes) break;
      const BatchHeader header = read_header(bytes);
      if (!can_be(header) || header.next_offset() > end) break;
      if (header.next_offset() <= offset) {
        begin = at += header.size();
        continue;
      }
      if (at > begin && at - begin + header.size() > static_cast<uint64_t>(max_bytes)) break;
      at += header.size();
    }
    if (at > begin) out.slices.push_back({file, begin, static_cast<size_t>(at - begin)});
    return out;
  } catch (const IoError& error) {
    return ReadFault{ReadFault::Kind::kStorage, error.what(), now};
  }
}

int64_t PartitionLog::offset_for_timestamp(int64_t timestamp_ms) {
  const std::optional<OffsetAndTime> found = find_timestamp(timestamp_ms);
  return found ? found->offset : end_offset();
}

std::optional<OffsetAndTime> PartitionLog::find_timestamp(int64_t timestamp_ms) {
  if (options_.read_only) refresh();
  std::vector<Place> places;
  int64_t end_offset = 0;
  {
    const std::lock_guard state(state_mutex_);
    end_offset = end_offset_;
    for (const auto& each : segments_)
      if (each->index.max_timestamp() >= timestamp_ms)
        places.push_back(
            {each, each->index.find_timestamp(timestamp_ms).position, each->index.covered_bytes()});
  }
  // A segment's largest timestamp may be that of a batch without records.
  for (const Place& place : places)
    if (const auto found = find_timestamp(place, timestamp_ms, end_offset)) return found;
  return std::nullopt;
}

OffsetAndTime PartitionLog::max_timestamp() {
  int64_t largest = SegmentIndex::kNoTimestamp;
  {
    const std::lock_guard state(state_mutex_);
    for (const auto& each : segments_) largest = std::max(largest, each->index.max_timestamp());
  }
  return find_timestamp(largest).value_or(OffsetAndTime{});
}

std::optional<OffsetAndTime> PartitionLog::find_timestamp(const Place& place, int64_t timestamp_ms,
                                                          int64_t end_offset) {
  uint64_t end = place.end;
  BatchScanner scanner(place.segment->file, place.position, end);
  while (const auto batch = scanner.next()) {
    const BatchHeader& header = batch.value();
    // What is not acknowledged may be taken back at any time.
    if (header.next_offset() >= end_offset) end = scanner.position();
    if (header.base_offset >= end_offset) break;
    if (header.max_timestamp < timestamp_ms) continue;
    RecordDecoder decoder;
    const char* wrong = decoder.add(header, scanner.bytes(), 0);
    if (wrong != nullptr)
      throw_corrupt("offset_for_timestamp", place.segment->file.path(), scanner.position(), wrong);
    const Table records = decoder.finish();
    const int64_t* times = records.column(1).values<int64_t>();
    for (int64_t i = 0; i < records.rows(); ++i)
      if (times[i] >= timestamp_ms)
        return OffsetAndTime{records.column(0).values<int64_t>()[i], times[i], header.leader_epoch};
  }
  if (scanner.position() < end)
    throw_corrupt("offset_for_timestamp", place.segment->file.path(), scanner.position(),
                  "not a good batch");
  return std::nullopt;
}

}  // namespace cne::log
