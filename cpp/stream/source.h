#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/table.h"
#include "stream/watermark.h"

namespace cne::log {
class TopicStore;
}

namespace cne::stream {

/// Records of one partition, in order.
struct Chunk {
  Table table;
  std::vector<int64_t> arrival_ms;  // kNoTime: a bad record, which does not move the clock
  std::vector<int64_t> event_ms;    // kNoTime: a bad record
  std::vector<int64_t> offsets;
  int64_t next_offset = 0;
  std::string first_error;  // of the bad records
};

/// Where a stream's records come from: partitions that can be read again from any offset, with the
/// same records, so that a job can resume. Not thread safe.
class Source {
 public:
  virtual ~Source() = default;
  virtual int partitions() const = 0;
  virtual int64_t start_offset(int partition) = 0;
  virtual int64_t end_offset(int partition) = 0;
  /// The next records from an offset on; none at the end for now.
  virtual Chunk read(int partition, int64_t offset) = 0;
  /// Makes safe what has been read, where it can: a checkpoint may not outlive its records.
  virtual void sync() {}
  /// What must be the same when a checkpoint is resumed: all settings, and where it reads.
  virtual std::string describe() const = 0;

  const Schema& schema() const { return schema_; }
  int64_t bound_ms() const { return bound_ms_; }
  int64_t idle_timeout_ms() const { return idle_timeout_ms_; }

 protected:
  Source(int64_t bound_ms, int64_t idle_timeout_ms, const char* function);
  std::string describe_timing() const;
  Schema schema_;
  int64_t bound_ms_;
  int64_t idle_timeout_ms_;
};

/// How events are timed: `bound_ms` is how far out of order they come, `idle_timeout_ms` when a
/// partition without records no longer holds the watermark back (kForever: never).
struct SourceTiming {
  int64_t bound_ms = 0;
  int64_t idle_timeout_ms = kForever;
};

/// A table in memory, its rows in the order of arrival. Without an arrival column, a record arrives
/// at the largest event time so far. Throws ArgumentError for a null time.
std::unique_ptr<Source> table_source(Table table, const std::string& event_time,
                                     const std::optional<std::string>& arrival_time,
                                     const SourceTiming& timing);

struct TopicOptions {
  std::string topic;
  /// Values are JSON objects of these columns; without, the columns are key, value (binary),
  /// timestamp and offset.
  std::optional<Schema> schema;
  /// Without, an event happens when it arrives.
  std::optional<std::string> event_time;
  /// Columns of the schema that are not in the value but are the record's key (integers: 8 bytes,
  /// big-endian) and timestamp.
  std::optional<std::string> key;
  std::optional<std::string> timestamp;
  /// What becomes of records that are not of the schema or have no event time.
  BadRecord policy = BadRecord::kFail;
};

/// A topic of a log, which must outlive the source.
std::unique_ptr<Source> topic_source(log::TopicStore& store, TopicOptions options,
                                     const SourceTiming& timing);

/// A column of times as ms since 1970 (UTC), finer ones cut off towards the past; integers are ms.
/// kNoTime for a null, or for a time more than 35,000 years away. Throws TypeError.
std::vector<int64_t> to_epoch_ms(const Column& column, const char* function,
                                 const std::string& name);

}  // namespace cne::stream
