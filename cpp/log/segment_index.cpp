#include "log/segment_index.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/crc32c.h"
#include "core/error.h"
#include "core/file.h"
#include "log/big_endian.h"

namespace cne::log {

namespace {

constexpr size_t kCrcFrom = 12;
constexpr size_t kHeaderSize = kCrcFrom + 5 * 8 + 3 * 4;
constexpr size_t kEntrySize = 16;
constexpr size_t kAbortedSize = 32;
constexpr uint32_t kFormat = 2;
constexpr char kMagic[] = "CNIX";

uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }
const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

void SegmentIndex::add(int64_t batch_offset, int64_t next_offset, int64_t max_timestamp,
                       uint64_t batch_size) {
  // Offsets beyond what an entry holds, after compacted batches say, are found from the last one.
  const bool fits = batch_offset - base_offset_ <= std::numeric_limits<uint32_t>::max();
  if (fits && (entries_.empty() || covered_bytes_ - entries_.back().position >= kIndexInterval))
    entries_.push_back({static_cast<uint32_t>(batch_offset - base_offset_),
                        static_cast<uint32_t>(covered_bytes_), max_timestamp_});
  if (covered_bytes_ == 0) first_timestamp_ = max_timestamp;
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
  while (!aborted_.empty() && aborted_.back().last_offset >= next_offset) aborted_.pop_back();
  covered_bytes_ = position;
  if (position == 0) first_timestamp_ = kNoTimestamp;
  next_offset_ = next_offset;
  max_timestamp_ = max_timestamp;
}

void SegmentIndex::save(const std::string& stem, std::string_view producers) const {
  std::string out(kHeaderSize + entries_.size() * kEntrySize + aborted_.size() * kAbortedSize, 0);
  uint8_t* p = bytes_of(out);
  std::memcpy(p, kMagic, 4);
  store_be(p + 4, kFormat);
  store_be(p + 12, base_offset_);
  store_be(p + 20, covered_bytes_);
  store_be(p + 28, next_offset_);
  store_be(p + 36, first_timestamp_);
  store_be(p + 44, max_timestamp_);
  store_be(p + 52, static_cast<uint32_t>(entries_.size()));
  store_be(p + 56, static_cast<uint32_t>(aborted_.size()));
  store_be(p + 60, static_cast<uint32_t>(producers.size()));
  uint8_t* at = p + kHeaderSize;
  for (const Entry& entry : entries_) {
    store_be(at, entry.relative_offset);
    store_be(at + 4, entry.position);
    store_be(at + 8, entry.max_timestamp_before);
    at += kEntrySize;
  }
  for (const AbortedRange& range : aborted_) {
    store_be(at, range.producer_id);
    store_be(at + 8, range.first_offset);
    store_be(at + 16, range.last_offset);
    store_be(at + 24, range.last_stable_offset);
    at += kAbortedSize;
  }
  out += producers;
  p = bytes_of(out);
  store_be(p + 8, crc32c(p + kCrcFrom, out.size() - kCrcFrom));
  const std::string temporary = stem + ".index.tmp";
  {
    File file = File::open(temporary, File::Mode::kReadWrite);
    if (file.size() > 0) file.truncate(0);
    file.append(out.data(), out.size());
  }
  rename_file(temporary, stem + ".index");
}

bool SegmentIndex::load(const std::string& stem, std::string* producers) {
  const std::string path = stem + ".index";
  if (file_exists(path) && parse(read_file(path), producers)) return true;
  *this = SegmentIndex(base_offset_);
  return false;
}

void SegmentIndex::forget_entries() {
  if (entries_.empty()) return;
  forgot_entries_ = true;
  entries_ = std::vector<Entry>();
}

void SegmentIndex::need_entries(const std::string& stem) {
  if (!std::exchange(forgot_entries_, false)) return;
  SegmentIndex again(base_offset_);
  // A file that was damaged in the meantime is as good as none.
  try {
    if (again.load(stem, nullptr) && again.covered_bytes_ == covered_bytes_)
      entries_ = std::move(again.entries_);
  } catch (const IoError&) {
  }
}

bool SegmentIndex::parse(const std::string& bytes, std::string* producers) {
  const uint8_t* p = bytes_of(bytes);
  if (bytes.size() < kHeaderSize || std::memcmp(p, kMagic, 4) != 0 ||
      load_be<uint32_t>(p + 4) != kFormat || load_be<int64_t>(p + 12) != base_offset_ ||
      load_be<uint32_t>(p + 8) != crc32c(p + kCrcFrom, bytes.size() - kCrcFrom))
    return false;
  covered_bytes_ = load_be<uint64_t>(p + 20);
  next_offset_ = load_be<int64_t>(p + 28);
  first_timestamp_ = load_be<int64_t>(p + 36);
  max_timestamp_ = load_be<int64_t>(p + 44);
  const size_t entries = load_be<uint32_t>(p + 52);
  const size_t aborted = load_be<uint32_t>(p + 56);
  const size_t rest = load_be<uint32_t>(p + 60);
  if (bytes.size() != kHeaderSize + entries * kEntrySize + aborted * kAbortedSize + rest ||
      next_offset_ < base_offset_)
    return false;
  const uint8_t* at = p + kHeaderSize;
  entries_.resize(entries);
  for (Entry& entry : entries_) {
    entry = {load_be<uint32_t>(at), load_be<uint32_t>(at + 4), load_be<int64_t>(at + 8)};
    at += kEntrySize;
  }
  aborted_.resize(aborted);
  for (AbortedRange& range : aborted_) {
    range = {load_be<int64_t>(at), load_be<int64_t>(at + 8), load_be<int64_t>(at + 16),
             load_be<int64_t>(at + 24)};
    at += kAbortedSize;
  }
  if (producers != nullptr) producers->assign(bytes, bytes.size() - rest, rest);
  return true;
}

}  // namespace cne::log
