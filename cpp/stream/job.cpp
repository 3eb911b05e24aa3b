#include "stream/job.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "core/file.h"
#include "frame/gather.h"
#include "stream/checkpoint.h"

namespace cne::stream {

namespace {
void check_time(int64_t ms, const char* function) {
  if (is_far(ms))
    throw ArgumentError(
        message(function, ": expected a time within 35,000 years of 1970, got ", ms, " ms"));
}

/// Where to read on: where the records still are, and already.
int64_t get_offset(StateReader& in, Source& source, int partition) {
  const int64_t offset = in.get_total();
  const int64_t start = source.start_offset(partition), end = source.end_offset(partition);
  if (offset < start || offset > end)
    throw StateError(message("Job: the checkpoint goes on at offset ", offset, " of partition ",
                             partition, ", which has records from ", start, " to ", end, " now: ",
                             offset < start ? "some were deleted before they were read"
                                            : "some that were read are lost"));
  return offset;
}
}  // namespace

Job::Job(std::vector<BranchSpec> specs, JobOptions options) : options_(std::move(options)) {
  if (specs.empty()) throw ArgumentError("Job: expected at least one branch, got none");
  for (BranchSpec& spec : specs) {
    const std::shared_ptr<Source> source = spec.pipeline.source;
    auto input = std::find_if(inputs_.begin(), inputs_.end(),
                              [&](const Input& known) { return known.source == source; });
    if (input == inputs_.end()) {
      const int partitions = source->partitions();
      Watermark watermark(partitions, source->bound_ms(), source->idle_timeout_ms());
      inputs_.push_back(
          {source, watermark, std::vector<Reader>(static_cast<size_t>(partitions)), {}, {}, {}});
      input = inputs_.end() - 1;
      for (int p = 0; p < partitions; ++p)
        input->readers[static_cast<size_t>(p)].next_offset = source->start_offset(p);
    }
    input->branches.push_back(branches_.size());
    branches_.emplace_back(std::move(spec));
  }
  if (!options_.checkpoint.empty()) {
    create_directories(options_.checkpoint);
    lock_.emplace(options_.checkpoint, "Job");
    if (file_exists(checkpoint_path())) load_checkpoint();
  }
  update_metrics();
}

template <typename Body>
void Job::guarded(const char* function, const Body& body) {
  State before = State::kReady;
  if (!state_.compare_exchange_strong(before, State::kBusy)) throw_not_ready(function, before);
  try {
    body();
  } catch (...) {
    state_ = State::kBroken;
    throw;
  }
  state_ = State::kReady;
}

void Job::throw_not_ready(const char* function, State state) const {
  if (state == State::kClosed) throw StateError(message(function, ": the job is closed"));
  if (state == State::kBusy)
    throw StateError(message(function, ": another call of this job, or of its sink, is at work"));
  throw StateError(message(function,
                           ": an earlier call failed, so the state is not whole; make a new Job",
                           options_.checkpoint.empty() ? "" : " from the checkpoint"));
}

void Job::close() {
  State before = state_;
  do {
    if (before == State::kBusy) throw_not_ready("close", before);
    if (before == State::kClosed) return;
  } while (!state_.compare_exchange_weak(before, State::kClosed));
  lock_.reset();
}

void Job::run(std::optional<int64_t> until, int64_t max_batch) {
  if (max_batch < 1)
    throw ArgumentError(message("run: expected max_batch of 1 or more, got ", max_batch));
  if (until) check_time(*until, "run");
  guarded("run", [&] {
    for (;;) {
      const int64_t start = monotonic_ns();
      fill();
      const int64_t records = take(until.value_or(kForever), max_batch);
      if (records == 0) break;
      process();
      metrics_.records.add(records);
      metrics_.record_ns.record(monotonic_ns() - start, records);
      update_metrics();
      checkpoint_when_due();
    }
    if (until && *until > clock_) {
      clock_ = *until;
      pass_time();
      update_metrics();
    }
  });
}

/// Gives every partition a head, where it has one.
void Job::fill() {
  for (Input& input : inputs_)
    for (size_t p = 0; p < input.readers.size(); ++p) {
      Reader& reader = input.readers[p];
      if (reader.at_head()) continue;
      reader.chunk = input.source->read(static_cast<int>(p), reader.next_offset);
      reader.at = 0;
      reader.next_offset = reader.chunk.next_offset;
    }
}

/// Takes up to `max_batch` records in order; stops early where a partition has to be read on.
int64_t Job::take(int64_t until, int64_t max_batch) {
  int64_t taken = 0;
  while (taken < max_batch) {
    using Place = std::tuple<int64_t, size_t, size_t>;  // head, input, reader
    Place best{kForever, SIZE_MAX, 0}, second = best;
    for (size_t i = 0; i < inputs_.size(); ++i)
      for (size_t p = 0; p < inputs_[i].readers.size(); ++p) {
        if (!inputs_[i].readers[p].at_head()) continue;
        const Place place{inputs_[i].readers[p].head(), i, p};
        if (place < best)
          second = std::exchange(best, place);
        else if (place < second)
          second = place;
      }
    const auto [head, i, p] = best;
    if (i == SIZE_MAX || head > until) break;
    Reader& reader = inputs_[i].readers[p];
    size_t end = reader.at;
    while (end < reader.chunk.arrival_ms.size() && taken < max_batch &&
           reader.chunk.arrival_ms[end] <= until &&
           Place{reader.chunk.arrival_ms[end], i, p} < second) {
      ++end;
      ++taken;
    }
    take_run(inputs_[i], p, end);
    if (!reader.at_head()) break;
  }
  return taken;
}

/// Moves the clock, the watermark and the steps of an input over records of one partition.
void Job::take_run(Input& input, size_t reader_index, size_t end) {
  Reader& reader = input.readers[reader_index];
  const Chunk& chunk = reader.chunk;
  Batch& batch = input.batch;
  input.runs.push_back({reader_index, reader.at, end});
  for (; reader.at < end; ++reader.at) {
    clock_ = std::max(clock_, chunk.arrival_ms[reader.at]);
    while (input.watermark.next_idle() <= clock_) {
      const int64_t due = input.watermark.next_idle();
      input.watermark.on_clock(due);
      batch.steps.push_back({due, input.watermark.value(), -1});
    }
    const int64_t event_ms = chunk.event_ms[reader.at];
    const auto row = static_cast<int32_t>(batch.event_ms.size());
    batch.event_ms.push_back(event_ms);
    if (event_ms == kNoTime) {
      metrics_.bad.add();
      batch.steps.push_back({clock_, input.watermark.value(), -1 - row});
      continue;
    }
    input.watermark.on_record(static_cast<int>(reader_index), event_ms, clock_);
    batch.steps.push_back({clock_, input.watermark.value(), row});
  }
}

Table Job::table_of(const Input& input) const {
  if (input.runs.size() == 1) {
    const Run& run = input.runs[0];
    const Table& table = input.readers[run.reader].chunk.table;
    return table.slice(static_cast<int64_t>(run.begin), static_cast<int64_t>(run.end - run.begin));
  }
  // The rows of each partition lie together; one part for each, then a gather.
  std::vector<int64_t> first(input.readers.size(), -1), shift(input.readers.size());
  std::vector<int64_t> last(input.readers.size());
  for (const Run& run : input.runs) {
    if (first[run.reader] < 0) first[run.reader] = static_cast<int64_t>(run.begin);
    last[run.reader] = static_cast<int64_t>(run.end);
  }
  std::vector<Table> parts;
  int64_t rows = 0;
  for (size_t p = 0; p < first.size(); ++p) {
    if (first[p] < 0) continue;
    shift[p] = rows - first[p];
    parts.push_back(input.readers[p].chunk.table.slice(first[p], last[p] - first[p]));
    rows += last[p] - first[p];
  }
  std::vector<int64_t> order;
  order.reserve(static_cast<size_t>(rows));
  for (const Run& run : input.runs)
    for (size_t row = run.begin; row < run.end; ++row)
      order.push_back(static_cast<int64_t>(row) + shift[run.reader]);
  return frame::gather(concat(parts, "Job"), order.data(), rows);
}

/// Hands what has been taken to the branches, and the time to all.
void Job::process() {
  for (Input& input : inputs_) {
    if (input.runs.empty()) continue;
    Batch& batch = input.batch;
    batch.table = table_of(input);
    std::vector<int64_t> good;
    for (Step& step : batch.steps)
      if (step.row >= 0) {
        good.push_back(step.row);
        step.row = static_cast<int32_t>(good.size()) - 1;
      } else {
        step.row = -1;
      }
    if (good.size() < batch.event_ms.size()) {
      batch.table = frame::gather(batch.table, good.data(), static_cast<int64_t>(good.size()));
      for (size_t i = 0; i < good.size(); ++i)
        batch.event_ms[i] = batch.event_ms[static_cast<size_t>(good[i])];
      batch.event_ms.resize(good.size());
    }
    for (const size_t branch : input.branches) branches_[branch].on_batch(batch);
    batch.steps.clear();
    batch.event_ms.clear();
    input.runs.clear();
  }
  pass_time();
}

/// Tells every branch how late it is.
void Job::pass_time() {
  for (Input& input : inputs_) {
    const auto tell = [&](int64_t clock) {
      for (const size_t branch : input.branches)
        branches_[branch].on_watermark(clock, input.watermark.value());
    };
    while (input.watermark.next_idle() <= clock_) {
      const int64_t due = input.watermark.next_idle();
      input.watermark.on_clock(due);
      tell(due);
    }
    tell(clock_);
  }
}

void Job::advance(int64_t clock_ms) {
  check_time(clock_ms, "advance");
  guarded("advance", [&] {
    clock_ = std::max(clock_, clock_ms);
    pass_time();
    update_metrics();
  });
}

void Job::finish() {
  guarded("finish", [&] {
    for (Input& input : inputs_) {
      input.watermark.finish();
      for (const size_t branch : input.branches) {
        branches_[branch].on_watermark(clock_, kEndOfTime);
        branches_[branch].on_watermark(kEndOfTime, kEndOfTime);
      }
    }
    update_metrics();
  });
}

void Job::update_metrics() {
  OperatorCounts sum;
  for (const Branch& branch : branches_) {
    sum.late += branch.counts().late;
    sum.dropped += branch.counts().dropped;
    sum.emitted += branch.counts().emitted;
  }
  metrics_.late.set(sum.late);
  metrics_.dropped.set(sum.dropped);
  metrics_.emitted.set(sum.emitted);
  metrics_.clock_ms.set(clock_);
  int64_t watermark = kForever;
  for (const Input& input : inputs_) watermark = std::min(watermark, input.watermark.value());
  metrics_.watermark_ms.set(watermark);
}

void Job::checkpoint() {
  if (options_.checkpoint.empty())
    throw StateError("checkpoint: the Job was made without a checkpoint directory");
  guarded("checkpoint", [&] { write_checkpoint(); });
}

void Job::checkpoint_when_due() {
  if (options_.checkpoint.empty()) return;
  if (clock_at_checkpoint_ == kNoTime) clock_at_checkpoint_ = clock_;
  const int64_t records = metrics_.records.value() - records_at_checkpoint_;
  if ((options_.checkpoint_records > 0 && records >= options_.checkpoint_records) ||
      (options_.checkpoint_ms > 0 && clock_ - clock_at_checkpoint_ >= options_.checkpoint_ms))
    write_checkpoint();
}

std::string Job::describe() const {
  std::string out;
  for (const Branch& branch : branches_) out += branch.describe() + "\n";
  return out;
}

void Job::write_checkpoint() {
  for (Branch& branch : branches_) branch.flush_sinks();
  StateWriter out;
  out.put_text(describe());
  out.put(clock_);
  out.put(metrics_.records.value());
  out.put(metrics_.bad.value());
  for (const Input& input : inputs_) {
    input.watermark.snapshot(out);
    for (const Reader& reader : input.readers) out.put(reader.offset());
  }
  for (const Branch& branch : branches_) branch.snapshot(out);
  write_file_atomic(checkpoint_path(), seal_checkpoint(out.bytes()));
  records_at_checkpoint_ = metrics_.records.value();
  clock_at_checkpoint_ = clock_;
  metrics_.checkpoints.add();
}

void Job::load_checkpoint() {
  const std::string path = checkpoint_path();
  const std::string file = read_file(path);
  StateReader in(open_checkpoint(file, path));
  const std::string description = in.get_name();
  if (description != describe())
    throw StateError(message("Job: the checkpoint ", path, " is of another job:\n", description,
                             "this one is:\n", describe()));
  clock_ = get_time(in);
  metrics_.records.set(in.get_total());
  metrics_.bad.set(in.get_total());
  for (Input& input : inputs_) {
    input.watermark.restore(in);
    for (size_t p = 0; p < input.readers.size(); ++p)
      input.readers[p].next_offset = get_offset(in, *input.source, static_cast<int>(p));
  }
  for (Branch& branch : branches_) branch.restore(in);
  in.finish();
  records_at_checkpoint_ = metrics_.records.value();
  clock_at_checkpoint_ = clock_;
}

}  // namespace cne::stream
