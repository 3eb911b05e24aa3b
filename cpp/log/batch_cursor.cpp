#include "log/batch_cursor.h"

#include <algorithm>

#include "core/error.h"

namespace cne::log {

void throw_corrupt_file(const char* function, const std::string& file, uint64_t position,
                        const char* why) {
  throw CorruptionError(
      message(function, ": \"", file, "\" is corrupt at byte ", position, ": ", why));
}

std::optional<BatchHeader> BatchCursor::peek(const char* function) {
  if (position_ >= end_) return std::nullopt;
  if (end_ - position_ < kBatchHeaderSize)
    throw_corrupt_file(function, file_->path(), position_, describe(BatchFault::kCut));
  if (position_ < chunk_at_ || position_ + kBatchHeaderSize > chunk_at_ + chunk_size_) {
    chunk_at_ = position_;
    chunk_size_ = static_cast<size_t>(std::min<uint64_t>(chunk_.size(), end_ - position_));
    chunk_size_ = file_->read_at(position_, chunk_.data(), chunk_size_);
    if (chunk_size_ < kBatchHeaderSize)
      throw_corrupt_file(function, file_->path(), position_, "the file ends inside a batch");
  }
  const BatchHeader header = read_header(chunk_.data() + (position_ - chunk_at_));
  if (!can_be(header))
    throw_corrupt_file(
        function, file_->path(), position_,
        header.magic == 2 ? describe(BatchFault::kCounts) : describe(BatchFault::kMagic));
  if (header.size() > end_ - position_)
    throw_corrupt_file(function, file_->path(), position_, "the file ends inside a batch");
  size_ = header.size();
  return header;
}

}  // namespace cne::log
