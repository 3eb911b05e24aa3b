#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/codec.h"
#include "core/table.h"
#include "log/partition_log.h"

namespace cne::log {

/// Which columns of a table become what of a record.
struct ProduceOptions {
  /// utf8 or binary: the bytes; integers: 8 bytes, big-endian. None: every key is null.
  std::optional<std::string> key;
  /// timestamp of any unit (down to ms), or int64 as ms. None: the time of the call.
  std::optional<std::string> timestamp;
  /// utf8 or binary, stored as it is. None: the column "value" when there is one, else
  /// `json_columns`.
  std::optional<std::string> value;
  /// Written as one JSON object a row. Empty: all but headers and a key of bytes, so that a reader
  /// of the values alone has the whole row.
  std::vector<std::string> json_columns;
  /// list<struct<key: utf8, value: binary>>.
  std::optional<std::string> headers;
  Codec compression = Codec::kNone;
};

/// The offsets [first, next) that a partition gave.
struct Appended {
  int32_t partition = 0;
  int64_t first = 0;
  int64_t next = 0;
};

/// Kafka's default partitioner: `(murmur2(key) & 0x7fffffff) % partitions`.
int32_t partition_of_key(const void* key, size_t size, int32_t partitions);

/// Appends the rows of a table to the partitions of one topic. Rows of one key keep their order.
/// Rows without a key go to one partition until a batch of it is full, then to the next one; the
/// first one is `sticky`, which is moved on.
///
/// Holds the partitions that it may write to, so that the rows of a call follow each other. When
/// it throws, no partition shows any row of the call; after a crash some partitions may.
/// Throws NotFoundError for a missing column, TypeError for one of the wrong type, ArgumentError
/// for a null timestamp. `clock` gives the time of rows without a timestamp column.
std::vector<Appended> produce(const std::vector<std::shared_ptr<PartitionLog>>& partitions,
                              const Table& table, const ProduceOptions& options, const Clock& clock,
                              std::atomic<uint32_t>& sticky);

}  // namespace cne::log
