#include "log/segment.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "log/big_endian.h"

namespace cne::log {

namespace {
constexpr size_t kDigits = 20;
constexpr size_t kReadAhead = 1 << 20;
}  // namespace

std::string segment_name(int64_t base_offset) {
  const std::string digits = std::to_string(base_offset);
  return std::string(kDigits - digits.size(), '0') + digits;
}

int64_t parse_segment_name(const std::string& file_name) {
  if (file_name.size() != kDigits + 4 || !file_name.ends_with(".log") || file_name[0] != '0')
    return -1;
  int64_t out = 0;
  for (size_t i = 1; i < kDigits; ++i) {
    const char c = file_name[i];
    if (c < '0' || c > '9' || __builtin_mul_overflow(out, 10, &out) ||
        __builtin_add_overflow(out, c - '0', &out))
      return -1;
  }
  return out;
}

void remove_segment(const std::string& stem) {
  remove_file(stem + ".log");
  remove_index(stem);
}

void remove_index(const std::string& stem) { remove_file(stem + ".index"); }

BatchScanner::BatchScanner(std::shared_ptr<const File> file, uint64_t position, uint64_t end)
    : file_(std::move(file)), position_(position), end_(end) {}

/// Makes the buffer hold `need` bytes from position_ on, as far as the file has them.
void BatchScanner::fill(size_t need) {
  if (buffer_.size() - at_ >= need) return;
  const size_t kept = buffer_.size() - at_;
  if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + at_, kept);
  at_ = 0;
  const uint64_t left = end_ - position_;
  const auto want = static_cast<size_t>(std::min<uint64_t>(left, std::max(need, kReadAhead)));
  if (want <= kept) {
    buffer_.resize(kept);
    return;
  }
  buffer_.resize(want);
  buffer_.resize(kept + file_->read_at(position_ + kept, buffer_.data() + kept, want - kept));
}

Result<BatchHeader, BatchFault> BatchScanner::next() {
  at_ += size_;
  position_ += size_;
  size_ = 0;
  fill(kBatchHeaderSize);
  auto result = check_batch(bytes(), buffer_.size() - at_);
  if (!result && result.error() == BatchFault::kCut && buffer_.size() - at_ >= kBatchHeaderSize) {
    fill(12 + static_cast<size_t>(load_be<int32_t>(bytes() + 8)));
    result = check_batch(bytes(), buffer_.size() - at_);
  }
  if (result) size_ = result->size();
  return result;
}

}  // namespace cne::log
