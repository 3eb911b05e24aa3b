#pragma once

#include <cstdint>
#include <string_view>

#include "core/byte_buffer.h"
#include "core/table.h"
#include "log/record_encoder.h"

namespace cne::log {

/// Builds a table of record_schema from records that did not come from a log of ours.
class RecordTableBuilder {
 public:
  /// `headers` as RecordEncoder takes them. All records together may have 1 GiB.
  void add(int64_t offset, int64_t timestamp_ms, Bytes key, Bytes value,
           std::string_view headers = RecordEncoder::no_headers());
  /// Throws ArgumentError for more than that, and for a header whose name is not UTF-8.
  Table finish();

 private:
  RecordEncoder encoder_{Codec::kNone, kMaxBatchSize};
  ByteBuffer offsets_;  // int64
};

}  // namespace cne::log
