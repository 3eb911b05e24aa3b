#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/directory_lock.h"
#include "core/metrics.h"
#include "stream/pipeline.h"

namespace cne::stream {

struct JobOptions {
  std::string checkpoint;          // a directory; empty: none
  int64_t checkpoint_records = 0;  // a checkpoint at least every so many records; 0: not by records
  int64_t checkpoint_ms = 0;       // and every so many ms of the clock; 0: not by time
};

/// Numbers of a job, for other threads to read while it runs.
struct JobMetrics {
  Counter records, bad, late, dropped, emitted, checkpoints;
  Counter clock_ms, watermark_ms;  // kNoTime: none yet
  Histogram record_ns;             // from taking a record up to the end of its sinks
};

/// Branches at work on their sources, on one clock.
///
/// Records of all sources are taken in one order: by arrival time, then the order of the sources
/// (that of their first branch), then partition, then offset. The clock is the largest arrival time
/// so far, or what `advance` has set. Nothing depends on how many records are taken at once.
///
/// With a checkpoint directory the job holds it locked, and continues from the checkpoint in it:
/// the state, the offsets, the clock and the collectors are then those of a job that was never
/// stopped; sinks get once more what was emitted after the checkpoint, the same rows.
///
/// One call at a time: a second one, from another thread or a sink, throws StateError; the metrics
/// may be read at any time. When a source or a sink throws, the job is broken: every
/// later call throws StateError, and a new job continues from the checkpoint. A forked child has no
/// part in a job with a checkpoint, which is the parent's: there every call throws StateError.
class Job {
 public:
  Job(std::vector<BranchSpec> branches, JobOptions options);

  /// Takes the records that have arrived by `until` (ms, inclusive; without: all), at most
  /// `max_batch` at a time, then moves the clock to `until`.
  void run(std::optional<int64_t> until, int64_t max_batch);
  /// Moves the clock; back does nothing.
  void advance(int64_t clock_ms);
  /// No more records will come: every window is emitted.
  void finish();
  /// Writes a checkpoint now. Throws StateError without a directory.
  void checkpoint();
  /// Lets go of the collectors and the checkpoint directory, without a new checkpoint; later calls
  /// throw StateError.
  void close();
  const JobMetrics& metrics() const { return metrics_; }

 private:
  struct Reader {
    Chunk chunk;
    size_t at = 0;
    int64_t next_offset = 0;  // where the next chunk begins
    bool at_head() const { return at < chunk.arrival_ms.size(); }
    int64_t head() const { return chunk.arrival_ms[at]; }
    int64_t offset() const { return at_head() ? chunk.offsets[at] : next_offset; }
  };
  struct Run {
    size_t reader;
    size_t begin;
    size_t end;
  };
  struct Input {
    std::shared_ptr<Source> source;
    Watermark watermark;
    std::vector<Reader> readers;
    std::vector<size_t> branches;
    Batch batch;  // what has been taken and not yet processed
    std::vector<Run> runs;
  };

  enum class State : uint8_t { kReady, kBusy, kBroken, kClosed };
  [[noreturn]] void throw_not_ready(const char* function, State state) const;
  template <typename Body>
  void guarded(const char* function, const Body& body);
  void fill();
  int64_t take(int64_t until, int64_t max_batch);
  void take_run(Input& input, size_t reader, size_t end);
  void process();
  Table table_of(const Input& input) const;
  void pass_time();
  void open_directory();
  void write_checkpoint();
  void load_checkpoint();
  void checkpoint_when_due();
  void update_metrics();
  std::string describe() const;
  std::string checkpoint_path() const { return options_.checkpoint + "/checkpoint"; }

  JobOptions options_;
  const int owner_;  // process id
  std::optional<DirectoryLock> lock_;
  std::vector<Branch> branches_;
  std::vector<Input> inputs_;
  int64_t clock_ = kNoTime;
  std::atomic<State> state_ = State::kReady;
  int64_t records_at_checkpoint_ = 0;
  int64_t clock_at_checkpoint_ = kNoTime;
  JobMetrics metrics_;
};

}  // namespace cne::stream
