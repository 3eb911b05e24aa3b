#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/byte_buffer.h"
#include "log/append.h"
#include "log/options.h"

namespace cne::log {

/// Bytes of a client on their way into the log: checked, and changed where the settings of the
/// topic ask for it.
///
/// - One batch a call (from a client): CRC, format version 2, base offset 0, as many records as
///   offsets, no control batch, a sequence when there is a producer, at most max.message.bytes.
/// - The records themselves, decompressed when need be: framing, ascending offsets without gaps,
///   headers, keys where the topic is compacted, times within the bounds.
/// - message.timestamp.type=LogAppendTime: the batch gets the time; else its largest timestamp is
///   made that of its records.
/// - compression.type: the records are compressed again when the batch has another codec.
///
/// What the broker makes itself (AppendOrigin::kCoordinator) is checked for batches with good
/// checksums only.
class ForeignBatches {
 public:
  /// Views `batches` and changes them in place. `outcome().ok()` says whether they may be appended.
  ForeignBatches(uint8_t* batches, size_t size, const TopicConfig& config, const ForeignAppend& how,
                 int64_t now_ms);

  const AppendOutcome& outcome() const { return outcome_; }
  /// What is to be appended: the same bytes, or others in this object.
  uint8_t* data() { return data_; }
  size_t size() const { return size_; }

 private:
  void check_all(const ForeignAppend& how);
  void check_client(const TopicConfig& config, const ForeignAppend& how, int64_t now_ms);
  void check_records(const TopicConfig& config, int64_t now_ms, const uint8_t* plain, size_t size);
  void rewrite(const TopicConfig& config, int64_t now_ms, const uint8_t* plain, size_t size);
  bool refuse(AppendFault fault, std::string why);

  uint8_t* data_;
  size_t size_;
  AppendOutcome outcome_;
  int64_t max_timestamp_ = -1;  // of the records
  ByteBuffer plain_;
  ByteBuffer rewritten_;
};

}  // namespace cne::log
