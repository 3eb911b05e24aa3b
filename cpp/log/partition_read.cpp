// The reading half of partition_log.h.
#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "log/batch_cursor.h"
#include "log/big_endian.h"
#include "log/partition_log.h"
#include "log/record_decoder.h"

namespace cne::log {

namespace {

Buffer read_bytes(const File& file, uint64_t position, uint64_t size) {
  Buffer out = Buffer::allocate(static_cast<size_t>(size));
  const size_t got = file.read_at(position, out.mutable_data(), out.size());
  return got == out.size() ? out : out.slice(0, got);
}

/// The whole batches that follow each other at the beginning of `bytes`.
struct Walk {
  size_t begin = 0;  // of the first batch that holds `offset` or a later one
  size_t end = 0;
  int64_t next_offset = 0;  // behind the last batch
  size_t needed = 0;        // bytes that the next batch needs, when it does not fit
};

/// Whether a batch may follow one that ends before `expected`; -1: it may be the first.
bool follows(const BatchHeader& header, int64_t expected, bool gaps) {
  return gaps ? header.base_offset >= expected : expected < 0 || header.base_offset == expected;
}

/// The offset behind a batch that ends before `offset`; -1 when it does not, or is not whole, or
/// does not follow the one before.
int64_t skippable(const uint8_t* from, size_t available, int64_t offset, int64_t expected,
                  bool gaps) {
  if (available < kBatchHeaderSize) return -1;
  const BatchHeader header = read_header(from);
  const bool sound = header.magic == 2 && header.length >= 49 && header.size() <= available &&
                     header.last_offset_delta >= 0 && follows(header, expected, gaps);
  return sound && header.next_offset() <= offset ? header.next_offset() : -1;
}

/// `gaps`: the segment was compacted.
Walk walk_batches(const Buffer& bytes, const File& file, uint64_t position, int64_t offset,
                  int64_t end_offset, size_t max_bytes, bool gaps) {
  Walk out;
  int64_t expected = -1;
  // What is not acknowledged may be taken back, and overwritten, while it is read.
  for (size_t at = 0; at < bytes.size() && expected < end_offset;) {
    const uint8_t* from = bytes.data() + at;
    // What is not asked for is not checked either.
    if (out.end > out.begin && bytes.size() - at >= kBatchHeaderSize &&
        at + read_header(from).size() - out.begin > max_bytes) {
      out.needed = read_header(from).size();
      return out;
    }
    // Nor is what lies before it; the sequence of offsets is.
    if (const int64_t next = skippable(from, bytes.size() - at, offset, expected, gaps);
        next >= 0) {
      expected = next;
      at += read_header(from).size();
      out.begin = out.end = at;
      out.next_offset = next;
      continue;
    }
    const auto checked = check_batch(from, bytes.size() - at);
    if (!checked && checked.error() == BatchFault::kCut) {
      out.needed = bytes.size() - at < kBatchHeaderSize
                       ? kBatchHeaderSize
                       : 12 + static_cast<size_t>(load_be<int32_t>(from + 8));
      return out;
    }
    if (!checked) throw_corrupt_file("read", file.path(), position + at, describe(checked.error()));
    const BatchHeader& header = checked.value();
    // The checksum does not cover the offset, so it is checked by its place in the sequence.
    if (!follows(header, expected, gaps) || (!gaps && expected < 0 && header.base_offset > offset))
      throw_corrupt_file("read", file.path(), position + at,
                         "the base offset does not follow the batch before");
    if (header.base_offset >= end_offset) return out;
    if (header.next_offset() > end_offset)
      throw_corrupt_file("read", file.path(), position + at,
                         "the batch goes beyond the end of the log");
    expected = header.next_offset();
    at += header.size();
    out.end = at;
    out.next_offset = expected;
  }
  return out;
}

/// The records of some batches from an offset on.
Table decode(const std::vector<BatchRun>& runs, int64_t offset) {
  size_t records = 0;
  size_t size = 0;
  for (const BatchRun& run : runs) {
    for (size_t at = 0; at < run.bytes.size();) {
      const BatchHeader header = read_header(run.bytes.data() + at);
      if (header.codec() == Codec::kNone) {
        records += std::min<size_t>(static_cast<size_t>(header.records), header.size() / 7);
        size += header.size();
      }
      at += header.size();
    }
  }
  RecordDecoder decoder;
  decoder.reserve(records, size);
  for (const BatchRun& run : runs) {
    for (size_t at = 0; at < run.bytes.size() && decoder.has_room();) {
      const BatchHeader header = read_header(run.bytes.data() + at);
      const char* wrong = nullptr;
      try {
        wrong = decoder.add(header, run.bytes.data() + at, offset);
      } catch (const CorruptionError& error) {
        throw_corrupt_file("read", run.file, run.position + at, error.what());
      }
      if (wrong != nullptr) throw_corrupt_file("read", run.file, run.position + at, wrong);
      at += header.size();
    }
  }
  return decoder.finish();
}

int64_t offset_behind(const BatchRun& run) {
  int64_t out = 0;
  for (size_t at = 0; at < run.bytes.size();) {
    const BatchHeader header = read_header(run.bytes.data() + at);
    out = header.next_offset();
    at += header.size();
  }
  return out;
}

}  // namespace

void PartitionLog::check_range(int64_t offset, const char* function) const {
  const int64_t start = bounds_now().start_offset;
  if (offset < start || offset > end_offset_)
    throw ArgumentError(message(function, ": offset ", offset, " of ", label_,
                                " is out of range, expected ", start, " to ", end_offset_));
}

/// Where to begin to read for an offset; none at the end of the log.
std::optional<PartitionLog::Place> PartitionLog::locate(int64_t offset, const char* function) {
  const std::lock_guard state(state_mutex_);
  check_range(offset, function);
  if (offset == end_offset_) return std::nullopt;
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), offset,
                       [](int64_t at, const auto& segment) { return at < segment->base_offset(); });
  const std::shared_ptr<Segment>& segment = *(after - 1);
  return Place{segment, index_of(*segment).find_offset(offset).position,
               segment->index.covered_bytes(), segment->index.next_offset(), segment->compacted};
}

std::vector<BatchRun> PartitionLog::read_batches(int64_t offset, int64_t max_bytes) {
  if (max_bytes < 1)
    throw ArgumentError(message("read: expected max_bytes of at least 1, got ", max_bytes));
  if (options_.read_only) refresh();
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  int64_t left = std::min(max_bytes, kMost);
  int64_t end_offset;
  {
    const std::lock_guard state(state_mutex_);
    end_offset = end_offset_;
  }
  std::vector<BatchRun> runs;
  while (left > 0) {
    const std::optional<Place> place = locate(offset, "read");
    if (!place || offset >= end_offset) break;
    const std::shared_ptr<const File> file = place->segment->file.open();
    const bool gaps = place->gaps;
    const auto walk_from = [&](const Buffer& bytes) {
      return walk_batches(bytes, *file, place->position, offset, end_offset,
                          static_cast<size_t>(left), gaps);
    };
    const uint64_t there = place->end - place->position;
    uint64_t want = std::min<uint64_t>(there, static_cast<uint64_t>(left));
    Buffer bytes = read_bytes(*file, place->position, want);
    Walk walk = walk_from(bytes);
    // At least one batch must come: read on until the one with the offset is whole.
    while (walk.begin == walk.end && runs.empty() && walk.next_offset < end_offset) {
      if (bytes.size() < want || walk.end + walk.needed > there)
        throw_corrupt_file("read", file->path(), place->position + walk.end,
                           "the file ends inside a batch");
      if (walk.end == there && gaps) break;  // the next segment has the next batch
      if (walk.end == there)                 // the offsets that it skipped over are wrong
        throw_corrupt_file("read", file->path(), place->position + walk.end,
                           "the file ends before the offset that it should hold");
      want = std::min<uint64_t>(there, walk.end + std::max<uint64_t>(walk.needed, 64 << 10));
      bytes = read_bytes(*file, place->position, want);
      walk = walk_from(bytes);
    }
    if (walk.end > walk.begin)
      runs.push_back({bytes.slice(walk.begin, walk.end - walk.begin), file->path(),
                      place->position + walk.begin});
    else if (!gaps || walk.end < there)
      break;
    left -= static_cast<int64_t>(walk.end - walk.begin);
    offset = gaps && walk.end == there ? place->next_offset : walk.next_offset;
    if (walk.needed > 0) break;  // the next batch is larger than what is left
  }
  return runs;
}

Table PartitionLog::read(int64_t offset, int64_t max_bytes) {
  for (;;) {
    const std::vector<BatchRun> runs = read_batches(offset, max_bytes);
    Table out = decode(runs, offset);
    // Batches may hold no record to show: markers of transactions, and what a compaction emptied.
    if (out.rows() > 0 || runs.empty()) return out;
    offset = offset_behind(runs.back());
  }
}

}  // namespace cne::log
