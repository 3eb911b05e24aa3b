#include "stream/job.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "frame/gather.h"

namespace cne::stream {

namespace {
void check_time(int64_t ms, const char* function) {
  if (is_far(ms))
    throw ArgumentError(
        message(function, ": expected a time within 35,000 years of 1970, got ", ms, " ms"));
}
}  // namespace

Job::Job(std::vector<BranchSpec> specs, JobOptions options)
    : options_(std::move(options)), owner_(getpid()) {
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
  if (!options_.checkpoint.empty()) open_directory();
  update_metrics();
}

template <typename Body>
void Job::guarded(const char* function, const Body& body) {
  if (lock_ && owner_ != getpid())
    throw StateError(message(function, ": the job was made by process ", owner_,
                             ", before a fork; only that one may go on from its checkpoint"));
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
  for (Branch& branch : branches_) branch.close();
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

void Job::checkpoint() {
  if (options_.checkpoint.empty())
    throw StateError("checkpoint: the Job was made without a checkpoint directory");
  guarded("checkpoint", [&] { write_checkpoint(); });
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

}  // namespace cne::stream
