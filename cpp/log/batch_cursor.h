#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/file.h"
#include "log/record_batch.h"

namespace cne::log {

/// Steps over the batches of a file by their headers alone.
class BatchCursor {
 public:
  /// A batch begins at `position`; `end` is that of the file, or of what may be read of it.
  BatchCursor(std::shared_ptr<const File> file, uint64_t position, uint64_t end)
      : file_(std::move(file)), position_(position), end_(end) {}

  /// The header of the batch at position(); none at the end. Throws CorruptionError, naming file,
  /// byte and `function`, where no batch can be or it goes beyond the end.
  std::optional<BatchHeader> peek(const char* function);
  /// Steps over the batch that `peek` returned last.
  void skip() { position_ += size_; }
  /// Goes on at a position where a batch begins.
  void jump(uint64_t position) { position_ = position; }
  uint64_t position() const { return position_; }
  uint64_t end() const { return end_; }

 private:
  std::shared_ptr<const File> file_;
  uint64_t position_;
  uint64_t end_;
  size_t size_ = 0;
  uint64_t chunk_at_ = 0;
  size_t chunk_size_ = 0;
  std::array<uint8_t, 4096> chunk_;
};

[[noreturn]] void throw_corrupt_file(const char* function, const std::string& file,
                                     uint64_t position, const char* why);

}  // namespace cne::log
