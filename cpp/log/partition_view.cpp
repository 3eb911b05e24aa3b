// The views and lookups of partition_log.h: what a server sends without decoding it.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/batch_cursor.h"
#include "log/partition_log.h"
#include "log/record_walk.h"

namespace cne::log {

namespace {

/// Of small segments a view has fewer bytes than were asked for.
constexpr size_t kMaxSlices = 64;

/// The first record of a batch, from an offset on, with at least this timestamp.
std::optional<OffsetAndTime> find_in_batch(const BatchHeader& header, const uint8_t* batch,
                                           int64_t from, int64_t timestamp_ms, ByteBuffer& plain) {
  std::optional<OffsetAndTime> out;
  const uint8_t* data = batch + kBatchHeaderSize;
  size_t size = header.size() - kBatchHeaderSize;
  if (header.codec() != Codec::kNone) {
    plain.clear();
    decompress(header.codec(), data, size, kMaxBatchSize, plain);
    data = plain.data();
    size = plain.size();
  }
  const char* wrong = walk_records(header, data, size, [&](const RecordView& record) {
    const int64_t timestamp = record.timestamp(header);
    const int64_t offset = header.base_offset + record.offset_delta;
    if (timestamp < timestamp_ms || offset < from) return true;
    out = {offset, timestamp, header.leader_epoch};
    return false;
  });
  if (wrong != nullptr) throw CorruptionError(wrong);
  return out;
}

}  // namespace

/// Where a view goes on in the segment that holds an offset, with what its index knows about where
/// to jump to.
std::optional<PartitionLog::ViewPlace> PartitionLog::locate_view(int64_t offset, int64_t end_offset,
                                                                 uint64_t max_bytes) {
  const std::lock_guard state(state_mutex_);
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), offset,
                       [](int64_t at, const auto& segment) { return at < segment->base_offset(); });
  if (after == segments_.begin()) return std::nullopt;
  const std::shared_ptr<Segment>& segment = *(after - 1);
  const SegmentIndex& index = index_of(*segment);
  const uint64_t position = index.find_offset(offset).position;
  const SegmentIndex::Entry by_size = index.find_position(position + max_bytes);
  const SegmentIndex::Entry by_offset = index.find_offset(end_offset);
  const SegmentIndex::Entry& jump = by_size.position < by_offset.position ? by_size : by_offset;
  return ViewPlace{
      {segment, position, index.covered_bytes(), index.next_offset(), segment->compacted},
      jump.position,
      segment->base_offset() + jump.relative_offset};
}

/// Whole batches from the one that holds `offset` on. What lies at `end_offset` and behind is not
/// looked at: it may be taken back, and overwritten, at any time.
PartitionLog::ViewPart PartitionLog::part_of(const ViewPlace& place, int64_t offset,
                                             int64_t end_offset, uint64_t max_bytes,
                                             bool at_least_one) {
  BatchCursor cursor(place.segment->file.open(), place.position, place.end);
  int64_t expected = -1;
  const auto peek = [&] {
    const auto header = cursor.peek("view");
    if (header && header->base_offset < expected)
      throw_corrupt_file("view", place.segment->file.path(), cursor.position(),
                         "the base offset does not follow the batch before");
    return header;
  };
  std::optional<BatchHeader> header;
  while ((header = peek()) && header->next_offset() <= offset) {
    expected = header->next_offset();
    cursor.skip();
  }
  ViewPart out{cursor.position(), cursor.position(), offset, false};
  while (header && !out.full) {
    const bool fits = cursor.position() + header->size() - out.begin <= max_bytes ||
                      (at_least_one && out.end == out.begin);
    if (!fits || header->next_offset() > end_offset) {
      out.full = true;
      break;
    }
    expected = header->next_offset();
    cursor.skip();
    // Between here and there all batches fit.
    if (place.jump > cursor.position() && place.jump - out.begin <= max_bytes) {
      cursor.jump(place.jump);
      expected = place.jump_offset;
    }
    out.end = cursor.position();
    out.next_offset = expected;
    if (expected >= end_offset)
      out.full = true;
    else
      header = peek();
  }
  return out;
}

Result<ReadView, ReadFault> PartitionLog::view(int64_t offset, int64_t max_bytes,
                                               bool read_committed) {
  ReadView out;
  const LogBounds& now = out.bounds = bounds();
  const int64_t end = read_committed ? now.last_stable_offset : now.high_watermark;
  const auto fault = [&](ReadFault::Kind kind, std::string why) {
    return ReadFault{kind, std::move(why), now};
  };
  if (offset < now.start_offset || offset > now.high_watermark)
    return fault(ReadFault::Kind::kOutOfRange,
                 message("offset ", offset, " of ", label_, " is out of range, expected ",
                         now.start_offset, " to ", now.high_watermark));
  if (is_forsaken()) return fault(ReadFault::Kind::kClosed, message(label_, " was deleted"));
  const int64_t from = offset;
  int64_t seen = offset;
  try {
    auto left = static_cast<uint64_t>(std::max<int64_t>(max_bytes, 0));
    while (left > 0 && offset < end && out.slices.size() < kMaxSlices) {
      const std::optional<ViewPlace> place = locate_view(offset, end, left);
      if (!place) break;
      const ViewPart part = part_of(*place, offset, end, left, out.slices.empty());
      if (part.end > part.begin)
        out.slices.push_back(
            {place->segment->file.open(), part.begin, static_cast<size_t>(part.end - part.begin)});
      seen = part.next_offset;
      if (part.full) break;
      left -= std::min(left, part.end - part.begin);
      offset = place->next_offset;
    }
  } catch (const CorruptionError& error) {
    return fault(ReadFault::Kind::kCorrupt, error.what());
  } catch (const IoError& error) {
    // The files of a topic go while it is being read.
    return fault(is_forsaken() ? ReadFault::Kind::kClosed : ReadFault::Kind::kStorage,
                 error.what());
  }
  out.next_offset = seen;
  if (read_committed && !out.slices.empty()) out.aborted = aborted_in(from, seen);
  return out;
}

bool PartitionLog::is_forsaken() {
  const std::lock_guard state(state_mutex_);
  return forsaken_;
}

/// The aborted transactions that have records between two offsets.
std::vector<AbortedTransaction> PartitionLog::aborted_in(int64_t offset, int64_t end_offset) {
  std::vector<AbortedTransaction> out;
  const std::lock_guard state(state_mutex_);
  for (const auto& segment : segments_) {
    if (segment->index.next_offset() <= offset) continue;
    for (const AbortedRange& range : segment->index.aborted()) {
      if (range.last_offset >= offset && range.first_offset < end_offset)
        out.push_back({range.producer_id, range.first_offset});
      if (range.last_stable_offset >= end_offset) return out;  // all others began later
    }
  }
  return out;
}

int64_t PartitionLog::offset_for_timestamp(int64_t timestamp_ms) {
  const int64_t end = end_offset();  // before the search, so that nothing is passed over
  const std::optional<OffsetAndTime> found = find_timestamp(timestamp_ms);
  return found ? std::min(found->offset, end) : end;
}

std::optional<OffsetAndTime> PartitionLog::find_timestamp(int64_t timestamp_ms) {
  std::vector<Place> places;
  const LogBounds now = bounds();
  {
    const std::lock_guard state(state_mutex_);
    for (const auto& each : segments_)
      if (each->index.max_timestamp() >= timestamp_ms &&
          each->index.next_offset() > now.start_offset)
        places.push_back({each, index_of(*each).find_timestamp(timestamp_ms).position,
                          each->index.covered_bytes(), each->index.next_offset(), each->compacted});
  }
  // A segment's largest timestamp may be that of a batch without records.
  for (const Place& place : places)
    if (const auto found = find_timestamp(place, timestamp_ms, now)) return found;
  return std::nullopt;
}

std::optional<OffsetAndTime> PartitionLog::find_timestamp(const Place& place, int64_t timestamp_ms,
                                                          const LogBounds& now) {
  uint64_t end = place.end;
  ByteBuffer plain;
  BatchScanner scanner(place.segment->file.open(), place.position, end);
  while (const auto batch = scanner.next()) {
    const BatchHeader& header = batch.value();
    // What is not acknowledged may be taken back at any time.
    if (header.next_offset() >= now.high_watermark) end = scanner.position();
    if (header.base_offset >= now.high_watermark) break;
    if (header.max_timestamp < timestamp_ms || header.control() ||
        header.next_offset() <= now.start_offset)
      continue;
    try {
      const auto found =
          find_in_batch(header, scanner.bytes(), now.start_offset, timestamp_ms, plain);
      if (found) return found;
    } catch (const CorruptionError& error) {
      throw_corrupt_file("offset_for_timestamp", place.segment->file.path(), scanner.position(),
                         error.what());
    }
  }
  if (scanner.position() < end)
    throw_corrupt_file("offset_for_timestamp", place.segment->file.path(), scanner.position(),
                       "not a good batch");
  return std::nullopt;
}

OffsetAndTime PartitionLog::max_timestamp() {
  const LogBounds now = bounds();
  int64_t largest = SegmentIndex::kNoTimestamp;
  std::vector<Place> last;  // the segment in which readers' view ends, from the last entry on
  {
    const std::lock_guard state(state_mutex_);
    for (const auto& each : segments_) {
      const SegmentIndex& index = each->index;
      if (index.base_offset() >= now.high_watermark) break;
      if (index.next_offset() <= now.high_watermark) {
        largest = std::max(largest, index.max_timestamp());
      } else {
        const SegmentIndex::Entry entry = index_of(*each).find_offset(now.high_watermark);
        largest = std::max(largest, entry.max_timestamp_before);
        last.push_back(
            {each, entry.position, index.covered_bytes(), index.next_offset(), each->compacted});
      }
    }
  }
  for (const Place& place : last) {
    BatchCursor cursor(place.segment->file.open(), place.position, place.end);
    for (int64_t next = place.segment->base_offset(); next < now.high_watermark; cursor.skip()) {
      const std::optional<BatchHeader> header = cursor.peek("max_timestamp");
      if (!header) break;
      largest = std::max(largest, header->max_timestamp);
      next = header->next_offset();
    }
  }
  return find_timestamp(largest).value_or(OffsetAndTime{});
}

}  // namespace cne::log
