#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "core/table.h"
#include "log/partition_log.h"

namespace cne::log {

/// What a consumer gets of one partition at a time.
struct RecordFetch {
  std::vector<Table> parts;  // of record_schema, in the order of offsets; none is empty
  int64_t next_offset =
      0;  // where to go on; what lies before it and is not in `parts` is not shown
};

/// Reads the records from `offset` on: whole batches of about `max_bytes` stored bytes, but at
/// least one with records to show, where there is one. The batches are checked and decoded in
/// threads. With `read_committed` it ends at the last stable offset, and records of aborted
/// transactions are left out.
///
/// The fault is kOutOfRange or kClosed. Throws CorruptionError, naming file and byte, and IoError.
Result<RecordFetch, ReadFault> fetch_records(PartitionLog& partition, int64_t offset,
                                             int64_t max_bytes, bool read_committed);

}  // namespace cne::log
