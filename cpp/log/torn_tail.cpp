#include "log/torn_tail.h"

#include <algorithm>
#include <unordered_set>

#include "core/crc32c_ranges.h"
#include "log/big_endian.h"
#include "log/record_batch.h"

namespace cne::log {

namespace {

class Tail {
 public:
  Tail(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size), checksums_(bytes, size) {}

  bool is_torn(int64_t next_offset) {
    size_t at = 0;
    for (int64_t expected = next_offset; is_head(at, expected);) {
      if (is_good(at)) return false;
      const BatchHeader header = read_header(bytes_ + at);
      const size_t end = std::min(at + header.size(), size_);
      if (has_batch_within(at, header, end)) return false;
      if (end == size_) return true;
      at = end;
      expected = header.next_offset();
    }
    return !has_batch_behind(at, next_offset);
  }

 private:
  bool has_head(size_t at) const { return at <= size_ && size_ - at >= kBatchHeaderSize; }
  bool is_head(size_t at, int64_t offset) const {
    if (!has_head(at)) return false;
    const BatchHeader header = read_header(bytes_ + at);
    return header.base_offset == offset && can_be(header);
  }
  bool is_good(size_t at) const {
    if (!has_head(at) || bytes_[at + kBatchMagicAt] != 2) return false;
    const BatchHeader header = read_header(bytes_ + at);
    return can_be(header) && header.size() <= size_ - at && ends_at(at, header, at + header.size());
  }
  bool ends_at(size_t at, const BatchHeader& header, size_t end) const {
    return end >= at + kBatchHeaderSize && checksums_.of(at + kBatchCrcFrom, end) == header.crc;
  }

  /// Whether batches follow each other from a good one on up to `end`, or to where the file ends in
  /// one.
  bool reaches(size_t at, size_t end) {
    for (;;) {
      const BatchHeader header = read_header(bytes_ + at);
      at += header.size();
      if (at >= end) return true;
      if (!is_head(at, header.next_offset()) || !walked_.insert(at).second) return false;
      if (!is_good(at)) return read_header(bytes_ + at).size() > size_ - at;
    }
  }

  /// Whether the batch at `at`, which is not good as its length has it, is followed by a good one
  /// before `end`, or is a good one of another length.
  bool has_batch_within(size_t at, const BatchHeader& header, size_t end) {
    if (ends_at(at, header, size_)) return true;
    for (size_t i = at + kBatchHeaderSize; i < end && has_head(i); ++i)
      if (bytes_[i + kBatchMagicAt] == 2 && load_be<int64_t>(bytes_ + i) == header.next_offset() &&
          is_good(i) && (ends_at(at, header, i) || reaches(i, end)))
        return true;
    return false;
  }

  bool has_batch_behind(size_t at, int64_t offset) const {
    for (size_t i = at; has_head(i); ++i)
      if (bytes_[i + kBatchMagicAt] == 2 && (i == at || load_be<int64_t>(bytes_ + i) >= offset) &&
          is_good(i))
        return true;
    return false;
  }

  const uint8_t* bytes_;
  size_t size_;
  Crc32cRanges checksums_;
  std::unordered_set<size_t> walked_;  // chains from there on reach no end
};

}  // namespace

bool is_torn_tail(const uint8_t* tail, size_t size, int64_t next_offset) {
  return size < kBatchHeaderSize || Tail(tail, size).is_torn(next_offset);
}

}  // namespace cne::log
