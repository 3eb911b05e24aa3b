#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/table.h"
#include "log/append.h"
#include "log/log_context.h"
#include "log/options.h"
#include "log/read_view.h"
#include "log/recovery.h"
#include "log/segment.h"

namespace cne::log {

/// Record batches as they are stored, one behind the other.
struct BatchRun {
  Buffer bytes;
  std::string file;       // where they were read, for messages
  uint64_t position = 0;  // of the first one
};

/// One partition of a topic: an endless sequence of records with offsets 0, 1, 2, ..., in segments.
///
/// Any number of threads may read while one appends; appenders take turns. A reader sees a record
/// once the append that wrote it was acknowledged. After a write or sync that failed in a way that
/// cannot be undone, appends throw IoError until the partition is opened again; reads go on.
class PartitionLog : public std::enable_shared_from_this<PartitionLog> {
 public:
  using ConfigPtr = std::shared_ptr<const TopicConfig>;
  /// Recovers the partition in `directory`, which must exist. Throws as recover_partition.
  PartitionLog(std::string directory, std::string topic, int32_t index, ConfigPtr config,
               std::shared_ptr<LogContext> context);
  ~PartitionLog();

  const std::string& topic() const { return topic_; }
  int32_t index() const { return index_; }
  ConfigPtr config();
  void set_config(ConfigPtr config);

  /// The right to append, held until destroyed. Without `finish` everything that it added is taken
  /// back, from the files too: no later opening may find it.
  class Appender {
   public:
    explicit Appender(PartitionLog& log);
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;
    ~Appender();

    /// Writes whole batches, giving them the next offsets (base_offset is patched in place).
    /// Throws CorruptionError, having written nothing of this call, when they are not batches.
    void add(uint8_t* batches, size_t size);
    /// The same for batches that a RecordEncoder has just made, which need no check.
    void add_sealed(uint8_t* batches, size_t size);
    /// Syncs when the policy is kAlways. After it `finish` cannot fail.
    void prepare();
    /// Acknowledges: prepares when that was not done, then shows the records to readers. Nothing
    /// may be called after it but first_offset.
    void finish();
    int64_t first_offset() const { return first_offset_; }
    int64_t next_offset() const;

   private:
    void write(const uint8_t* batches, size_t size);
    void take_back();

    PartitionLog& log_;
    std::unique_lock<std::mutex> lock_;
    size_t first_segments_;  // how many there were
    uint64_t first_size_;    // of the last one
    int64_t first_offset_;
    int64_t first_max_timestamp_;
    bool wrote_ = false;
    bool prepared_ = false;
    bool finished_ = false;
  };

  /// Appends batches in one go; returns the offset of the first record.
  int64_t append(uint8_t* batches, size_t size);

  /// Appends one batch of a client, or any number of the broker's own, after all checks that
  /// `how` asks for; patches offsets, and what the topic's settings change, in place. Does not
  /// wait for a sync: see when_acknowledged.
  AppendOutcome append_foreign(uint8_t* batches, size_t size, const ForeignAppend& how = {});
  /// Ends the producer's transaction in this partition by a control batch.
  AppendOutcome append_marker(int64_t producer_id, int16_t epoch, bool commit,
                              int32_t coordinator_epoch);
  /// Calls `done` once everything before `next_offset` is as safe as the topic's fsync promises,
  /// which is when readers see it: at once, in this call, or later on the thread that syncs; with
  /// false when it may be lost, after which the partition takes no more records. `done` may not
  /// append to this partition.
  void when_acknowledged(int64_t next_offset, std::function<void(bool ok)> done);

  /// Whole batches from the one that holds `offset` on (or the next one after it), of at most
  /// `max_bytes`, but at least one; up to the high watermark, or to the last stable offset when
  /// `read_committed`. No slices at the end.
  Result<ReadView, ReadFault> view(int64_t offset, int64_t max_bytes, bool read_committed);
  LogBounds bounds();
  int64_t last_stable_offset();
  /// The first visible record of at least this timestamp.
  std::optional<OffsetAndTime> find_timestamp(int64_t timestamp_ms);
  /// The first visible record of the largest timestamp; offset -1 when there is none.
  OffsetAndTime max_timestamp();

  /// The records from `offset` on as a table of record_schema: whole batches of at most
  /// `max_bytes` stored bytes, but at least one batch; no rows at the end of the log. Batches
  /// without records of the user are passed over, however many.
  /// Throws ArgumentError when the offset is out of range, CorruptionError when a batch is bad.
  Table read(int64_t offset, int64_t max_bytes);
  /// The same as stored; the first batch may begin before `offset`.
  std::vector<BatchRun> read_batches(int64_t offset, int64_t max_bytes);

  /// The first offset that is still there, and the one that the next record will get.
  int64_t start_offset();
  int64_t end_offset();
  /// The first offset whose record has at least this timestamp; the end offset when there is none.
  int64_t offset_for_timestamp(int64_t timestamp_ms);

  /// Forces everything acknowledged so far to the disk.
  void flush();
  /// Whether there are acknowledged bytes that were not synced.
  bool is_dirty() const { return dirty_.load(); }
  /// Removes closed segments by the topic's limits (see retention.h); returns how many.
  int64_t enforce_retention();
  /// The same when a segment was closed since the last call that succeeded. A failure is no error
  /// of the append that led to it: the records are there.
  void enforce_retention_if_rolled();
  /// Removes what lies before an offset (at most the high watermark) for readers, now and after a
  /// restart; the files go as far as whole segments are affected. Returns the new start offset.
  int64_t delete_records(int64_t before_offset);
  /// The topic is gone: appends fail, waiters are told, views are refused.
  void forsake();
  /// Bytes of all segments.
  int64_t size_bytes();
  int64_t segment_count();
  /// Syncs, writes the indexes; appends throw StateError after it. Reads go on.
  void close();

  const std::vector<RecoveryNote>& recovery_notes() const { return notes_; }

 private:
  struct Place {
    std::shared_ptr<Segment> segment;
    uint64_t position;
    uint64_t end;  // of the segment's bytes
  };
  std::optional<Place> locate(int64_t offset, const char* function);
  struct ViewPlace;
  struct ViewPart {
    uint64_t begin;
    uint64_t end;
    bool full;  // the next batch is too large, or not to be seen
  };
  static ViewPart part_of(const ViewPlace& place, int64_t offset, int64_t end_offset,
                          uint64_t max_bytes, bool at_least_one);
  std::optional<ViewPlace> locate_view(int64_t offset, int64_t end_offset, uint64_t max_bytes);
  static std::optional<OffsetAndTime> find_timestamp(const Place& place, int64_t timestamp_ms,
                                                     const LogBounds& now);
  void check_range(int64_t offset, const char* function) const;
  LogBounds bounds_now() const;
  Segment& active() { return *segments_.back(); }
  void roll();
  void fail(const std::string& why);
  void refresh();
  void refresh_from(const std::vector<std::string>& names);

  const std::string directory_;
  const std::string topic_;
  const int32_t index_;
  const std::string label_;  // in messages
  const std::shared_ptr<LogContext> context_;
  const LogOptions& options_;  // the context's
  std::vector<RecoveryNote> notes_;

  std::mutex flush_mutex_;   // one flush waits for the other: both promise what was dirty
  std::mutex append_mutex_;  // held by the appender; taken before state_mutex_
  std::mutex state_mutex_;   // guards what follows and the indexes of the segments
  ConfigPtr config_;
  std::vector<std::shared_ptr<Segment>> segments_;
  int64_t start_offset_ = 0;  // by delete_records; the first segment may begin behind it
  int64_t end_offset_ = 0;    // acknowledged
  std::string failure_;
  bool closed_ = false;
  bool forsaken_ = false;
  std::atomic<bool> dirty_{false};
  std::atomic<bool> rolled_{false};
};

}  // namespace cne::log
