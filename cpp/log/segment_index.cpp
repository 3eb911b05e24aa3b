#include "log/segment_index.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/crc32c.h"
#include "core/file.h"
#include "log/big_endian.h"

namespace cne::log {

namespace {

constexpr size_t kHeaderSize = 4 + 4 + 4 + 8 + 8 + 8;
constexpr size_t kCrcFrom = 12;
constexpr uint32_t kFormat = 1;
constexpr char kOffsetMagic[] = "CNIX";
constexpr char kTimeMagic[] = "CNTX";
constexpr size_t kOffsetEntry = 8;
constexpr size_t kTimeEntry = 12;

uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }
const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

/// True when the header and the checksum are right and the rest is whole entries.
bool check_file(const std::string& file, const char* magic, size_t entry) {
  if (file.size() < kHeaderSize || (file.size() - kHeaderSize) % entry != 0) return false;
  const uint8_t* p = bytes_of(file);
  return std::memcmp(p, magic, 4) == 0 && load_be<uint32_t>(p + 4) == kFormat &&
         load_be<uint32_t>(p + 8) == crc32c(p + kCrcFrom, file.size() - kCrcFrom);
}

void write_index(const std::string& path, std::string content) {
  uint8_t* p = bytes_of(content);
  store_be(p + 8, crc32c(p + kCrcFrom, content.size() - kCrcFrom));
  // No need to be atomic: a torn file is found out by its checksum and rebuilt.
  File file = File::open(path, File::Mode::kReadWrite);
  if (file.size() > 0) file.truncate(0);
  file.append(content.data(), content.size());
}

}  // namespace

void SegmentIndex::add(int64_t batch_offset, int64_t next_offset, int64_t max_timestamp,
                       uint64_t batch_size) {
  // Offsets beyond what an entry holds, after compacted batches say, are found from the last one.
  const bool fits = batch_offset - base_offset_ <= std::numeric_limits<uint32_t>::max();
  if (fits && (entries_.empty() || covered_bytes_ - entries_.back().position >= kIndexInterval))
    entries_.push_back({static_cast<uint32_t>(batch_offset - base_offset_),
                        static_cast<uint32_t>(covered_bytes_), max_timestamp_});
  covered_bytes_ += batch_size;
  next_offset_ = next_offset;
  max_timestamp_ = std::max(max_timestamp_, max_timestamp);
}

SegmentIndex::Entry SegmentIndex::find_offset(int64_t offset) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), offset - base_offset_,
                       [](int64_t at, const Entry& entry) { return at < entry.relative_offset; });
  return after == entries_.begin() ? Entry() : *(after - 1);
}

SegmentIndex::Entry SegmentIndex::find_position(uint64_t position) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), position,
                       [](uint64_t at, const Entry& entry) { return at < entry.position; });
  return after == entries_.begin() ? Entry() : *(after - 1);
}

SegmentIndex::Entry SegmentIndex::find_timestamp(int64_t timestamp_ms) const {
  const auto after = std::partition_point(
      entries_.begin(), entries_.end(),
      [&](const Entry& entry) { return entry.max_timestamp_before < timestamp_ms; });
  return after == entries_.begin() ? Entry() : *(after - 1);
}

void SegmentIndex::cut(uint64_t position, int64_t next_offset, int64_t max_timestamp) {
  while (!entries_.empty() && entries_.back().position >= position) entries_.pop_back();
  covered_bytes_ = position;
  next_offset_ = next_offset;
  max_timestamp_ = max_timestamp;
}

void SegmentIndex::save(const std::string& stem) const {
  std::string offsets(kHeaderSize + entries_.size() * kOffsetEntry, '\0');
  std::string times(kHeaderSize + entries_.size() * kTimeEntry, '\0');
  for (std::string* file : {&offsets, &times}) {
    uint8_t* p = bytes_of(*file);
    std::memcpy(p, file == &offsets ? kOffsetMagic : kTimeMagic, 4);
    store_be(p + 4, kFormat);
    store_be(p + 12, covered_bytes_);
    store_be(p + 20, next_offset_);
    store_be(p + 28, max_timestamp_);
  }
  uint8_t* offset_at = bytes_of(offsets) + kHeaderSize;
  uint8_t* time_at = bytes_of(times) + kHeaderSize;
  for (const Entry& entry : entries_) {
    store_be(offset_at, entry.relative_offset);
    store_be(offset_at + 4, entry.position);
    store_be(time_at, entry.max_timestamp_before);
    store_be(time_at + 8, entry.relative_offset);
    offset_at += kOffsetEntry;
    time_at += kTimeEntry;
  }
  write_index(stem + ".index", std::move(offsets));
  write_index(stem + ".timeindex", std::move(times));
}

bool SegmentIndex::load(const std::string& stem) {
  const std::string offset_path = stem + ".index";
  const std::string time_path = stem + ".timeindex";
  if (!file_exists(offset_path) || !file_exists(time_path)) return false;
  if (parse(read_file(offset_path), read_file(time_path))) return true;
  *this = SegmentIndex(base_offset_);
  return false;
}

bool SegmentIndex::parse(const std::string& offsets, const std::string& times) {
  if (!check_file(offsets, kOffsetMagic, kOffsetEntry) ||
      !check_file(times, kTimeMagic, kTimeEntry))
    return false;
  const size_t count = (offsets.size() - kHeaderSize) / kOffsetEntry;
  // The files belong together when they were written at the same moment.
  if (count != (times.size() - kHeaderSize) / kTimeEntry ||
      std::memcmp(offsets.data() + kCrcFrom, times.data() + kCrcFrom, kHeaderSize - kCrcFrom) != 0)
    return false;
  covered_bytes_ = load_be<uint64_t>(bytes_of(offsets) + 12);
  next_offset_ = load_be<int64_t>(bytes_of(offsets) + 20);
  max_timestamp_ = load_be<int64_t>(bytes_of(offsets) + 28);
  if (next_offset_ < base_offset_) return false;
  entries_.resize(count);
  const uint8_t* offset_at = bytes_of(offsets) + kHeaderSize;
  const uint8_t* time_at = bytes_of(times) + kHeaderSize;
  for (size_t i = 0; i < count; ++i, offset_at += kOffsetEntry, time_at += kTimeEntry) {
    entries_[i] = {load_be<uint32_t>(offset_at), load_be<uint32_t>(offset_at + 4),
                   load_be<int64_t>(time_at)};
    if (entries_[i].relative_offset != load_be<uint32_t>(time_at + 8)) return false;
  }
  return true;
}

}  // namespace cne::log
