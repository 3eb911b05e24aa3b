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
#include "log/partition_counters.h"
#include "log/partition_state.h"
#include "log/producer_state.h"
#include "log/read_view.h"
#include "log/recovery.h"
#include "log/segment.h"

namespace cne::log {

class BatchFilter;

/// Record batches as they are stored, one behind the other.
struct BatchRun {
  Buffer bytes;
  std::string file;       // where they were read, for messages
  uint64_t position = 0;  // of the first one
};

/// One partition of a topic: an endless sequence of records with offsets 0, 1, 2, ..., in segments.
///
/// Any number of threads may read while one appends; appenders take turns. Three offsets say how
/// far it goes: readers see what lies before the high watermark, which follows the end of the
/// finished appends at once, or, when the topic's fsync asks for it, after the sync that carries
/// them; an append in progress is behind that end. After a write or sync that failed in a way that
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
    /// Syncs when the topic's fsync asks for it now. After it `finish` cannot fail.
    void prepare();
    /// Acknowledges: prepares when that was not done, then shows the records to readers. Nothing
    /// may be called after it but first_offset.
    void finish();
    int64_t first_offset() const { return first_offset_; }
    int64_t next_offset() const;

   private:
    friend class PartitionLog;
    enum class Ending { kVisible, kSynced, kAsDue };  // kAsDue: the committer syncs when it is due
    void add_together(uint8_t* batches, size_t size);
    void write(const uint8_t* batches, size_t size);
    void note(const BatchHeader& header, const uint8_t* batch);
    void finish_as(Ending ending);
    void take_back();

    PartitionLog& log_;
    std::unique_lock<std::mutex> lock_;
    const int64_t now_ms_;
    size_t first_segments_;  // how many there were
    uint64_t first_size_;    // of the last one
    int64_t first_offset_;
    int64_t first_max_timestamp_;
    std::optional<ProducerStates> first_producers_;  // once there is something to take back
    uint64_t bytes_ = 0;                             // that were written
    bool wrote_ = false;
    bool together_ = false;
    bool prepared_ = false;
    bool synced_ = false;
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
  /// false when it may be lost, after which the partition takes no more records.
  void when_acknowledged(int64_t next_offset, std::function<void(bool ok)> done);
  /// KIP-890: what ForeignAppend::verification has to be for the first batch of a transaction here,
  /// once the coordinator said that it is one; 0 when the transaction is open here already.
  uint64_t start_verification(int64_t producer_id, int16_t epoch, int32_t base_sequence);
  std::vector<ProducerInfo> producers();

  /// The records from `offset` on as a table of record_schema: whole batches of at most
  /// `max_bytes` stored bytes, but at least one batch; no rows at the end of the log. Batches
  /// without records of the user are passed over, however many.
  /// Throws ArgumentError when the offset is out of range, CorruptionError when a batch is bad.
  Table read(int64_t offset, int64_t max_bytes);
  /// The same as stored; the first batch may begin before `offset`.
  std::vector<BatchRun> read_batches(int64_t offset, int64_t max_bytes);

  /// Whole batches from the one that holds `offset` on (or the next one after it), of at most
  /// `max_bytes`, but at least one (none when it is 0); up to the high watermark, or to the last
  /// stable offset when `read_committed`. No slices at the end; of many small segments less than
  /// was asked for.
  Result<ReadView, ReadFault> view(int64_t offset, int64_t max_bytes, bool read_committed);
  LogBounds bounds();
  int64_t last_stable_offset();
  /// The first visible record of at least this timestamp.
  std::optional<OffsetAndTime> find_timestamp(int64_t timestamp_ms);
  /// The first visible record of the largest timestamp; offset -1 when there is none.
  OffsetAndTime max_timestamp();
  /// The offset of find_timestamp; the end offset when there is none.
  int64_t offset_for_timestamp(int64_t timestamp_ms);
  /// The first offset that is still there, and the high watermark.
  int64_t start_offset();
  int64_t end_offset();

  /// Forces everything appended so far to the disk.
  void flush();
  /// Whether flush.ms asks for it before the next call, `tick_ms` later; or, with
  /// `interval_is_over`, fsync=interval. `now_ms` is of a clock that only moves forward.
  bool is_flush_due(int64_t now_ms, int64_t tick_ms, bool interval_is_over);
  /// For a sync of many partitions at once: the end of what is to be synced, nothing when that is
  /// done; and that it was.
  std::optional<int64_t> to_sync();
  void note_synced(int64_t end_offset);
  /// Syncs and saves the index when so much was written since the last time that a recovery would
  /// take long.
  void checkpoint_if_due();
  /// Lets go of the indexes of closed segments that nobody used since the last call.
  void forget_indexes();
  /// Removes closed segments by the topic's limits (see retention.h); returns how many.
  int64_t enforce_retention();
  /// The same when a segment was closed since the last call that succeeded. A failure is no error
  /// of the append that led to it: the records are there.
  void enforce_retention_if_rolled();
  /// Closes a segment that is older than segment.ms; forgets producers that were not seen for
  /// `producer_expiration_ms`.
  void tidy(int64_t producer_expiration_ms);
  /// Compacts what is old enough, when the topic is compacted and it is due, or in any case with
  /// `now`. Returns whether it did. Readers and appends go on meanwhile; see batch_filter.h for
  /// what stays. Throws CorruptionError and changes nothing when a batch is bad.
  bool compact(bool now);
  /// All of that which is due. What fails is tried again the next time; see `trouble`.
  void keep_house(int64_t producer_expiration_ms);
  /// Why the partition takes no more records, or what the last keep_house could not do; empty when
  /// all is well.
  std::string trouble();
  /// Removes what lies before an offset (at most the high watermark) for readers, now and after a
  /// restart; the files go as far as whole segments are affected. Returns the new start offset.
  int64_t delete_records(int64_t before_offset);
  /// The topic is about to go: appends fail and views are refused. `recall`: it stays after all;
  /// `tell_forsaken`: it went, and so did what some wait for.
  void forsake();
  void recall();
  void tell_forsaken();
  /// Bytes of all segments.
  int64_t size_bytes();
  int64_t segment_count();
  /// Syncs, writes the indexes; appends throw StateError after it. Reads go on.
  void close();

  PartitionCounters& counters() { return counters_; }
  const std::vector<RecoveryNote>& recovery_notes() const { return notes_; }

 private:
  struct Place {
    std::shared_ptr<Segment> segment;
    uint64_t position;
    uint64_t end;         // of the segment's bytes
    int64_t next_offset;  // behind them
    bool gaps;            // in the offsets, as it was compacted
  };
  struct ViewPlace : Place {
    uint64_t jump;        // a batch begins there, below both limits
    int64_t jump_offset;  // with this offset
  };
  struct ViewPart {
    uint64_t begin;
    uint64_t end;
    int64_t next_offset;  // behind the last batch
    bool full;            // the next batch is too large, or not to be seen
  };
  struct Waiter {
    int64_t next_offset;
    std::function<void(bool ok)> done;
  };
  using Waiters = std::vector<Waiter>;

  // Reading.
  const SegmentIndex& index_of(Segment& segment);
  std::optional<Place> locate(int64_t offset, const char* function);
  std::optional<ViewPlace> locate_view(int64_t offset, int64_t end_offset, uint64_t max_bytes);
  static ViewPart part_of(const ViewPlace& place, int64_t offset, int64_t end_offset,
                          uint64_t max_bytes, bool at_least_one);
  bool is_forsaken();
  std::vector<AbortedTransaction> aborted_in(int64_t offset, int64_t end_offset);
  static std::optional<OffsetAndTime> find_timestamp(const Place& place, int64_t timestamp_ms,
                                                     const LogBounds& now);
  void check_range(int64_t offset, const char* function) const;
  LogBounds bounds_now() const;
  void refresh();
  bool refresh_from(const std::vector<std::string>& names);
  void take(Recovered recovered);

  // Writing; the appender is held.
  Segment& active() { return *segments_.back(); }
  bool is_due_to_roll(int64_t timestamp_ms);
  void create_active();
  void sync_new_file();
  void roll();
  void save_index(Segment& segment);
  size_t remove_oldest(size_t count);
  AppendOutcome append_checked(uint8_t* batches, size_t size, AppendOutcome out,
                               const std::function<ProducerStates::Verdict()>& check);
  void cut_to_high_watermark();
  struct CompactionPlan;
  std::optional<CompactionPlan> plan_compaction(bool now);
  bool compact_group(const std::vector<std::shared_ptr<Segment>>& group,
                     const std::vector<AbortedRange>& aborted, BatchFilter& filter);

  void save_state();

  void note_trouble(const std::string& what);

  // Syncing.
  bool needs_sync(int64_t end) const;
  bool is_dirty() const;
  Waiters advance(int64_t high_watermark);
  void tell_later(Waiters waiters, bool ok);
  void request_commit();
  void commit();
  void sync_to_end();
  void note_synced_later();
  void fail(const std::string& why);

  const std::string directory_;
  const std::string topic_;
  const int32_t index_;
  const std::string label_;  // in messages
  const std::shared_ptr<LogContext> context_;
  const LogOptions& options_;  // the context's
  std::vector<RecoveryNote> notes_;

  PartitionCounters counters_;
  std::mutex compact_mutex_;  // held by a compaction; taken before the others
  std::mutex append_mutex_;   // held by the appender; taken before state_mutex_
  std::mutex index_mutex_;    // held while an index file is written; taken between the two
  std::mutex state_mutex_;    // guards what follows and the indexes of the segments
  ConfigPtr config_;
  std::vector<std::shared_ptr<Segment>> segments_;
  PartitionState state_;
  ProducerStates producers_;
  Waiters waiters_;
  int64_t log_end_ = 0;        // of the finished appends
  int64_t end_offset_ = 0;     // the high watermark
  int64_t synced_offset_ = 0;  // everything before it is on the disk
  uint64_t saved_bytes_ = 0;   // that the index of the active segment on the disk covers
  int64_t dirty_since_ms_ = 0;
  bool shortened_ = false;  // a truncation was not synced
  bool commit_queued_ = false;
  std::string failure_;
  std::string trouble_;
  bool state_unsaved_ = false;  // guarded by append_mutex_
  bool closed_ = false;
  bool forsaken_ = false;
  bool was_closed_ = false;  // before it was forsaken
  std::atomic<bool> rolled_{false};
};

}  // namespace cne::log
