// The appending half of partition_log.h.
#include <utility>

#include "core/error.h"
#include "log/foreign_batch.h"
#include "log/partition_log.h"

namespace cne::log {

namespace {
constexpr uint64_t kWritebackBytes = 8 << 20;
}

PartitionLog::Appender::Appender(PartitionLog& log)
    : log_(log), lock_(log.append_mutex_), now_ms_(log.options_.clock->now_ms()) {
  const std::lock_guard state(log_.state_mutex_);
  if (log_.options_.read_only)
    throw StateError(message("produce: ", log_.label_, " is open for reading only"));
  if (log_.forsaken_) throw StateError(message("produce: ", log_.label_, " was deleted"));
  if (log_.closed_) throw StateError(message("produce: ", log_.label_, " is closed"));
  if (!log_.failure_.empty())
    throw IoError(message("produce: ", log_.label_, " takes no more records until it is opened ",
                          "again, because a write failed: ", log_.failure_));
  const SegmentIndex& index = log_.active().index;
  first_segments_ = log_.segments_.size();
  first_size_ = index.covered_bytes();
  first_offset_ = index.next_offset();
  first_max_timestamp_ = index.max_timestamp();
}

PartitionLog::Appender::~Appender() {
  if (!finished_ && wrote_) take_back();
}

int64_t PartitionLog::Appender::next_offset() const { return log_.active().index.next_offset(); }

void PartitionLog::Appender::add(uint8_t* batches, size_t size) {
  for (size_t at = 0; at < size;) {
    const auto checked = check_batch(batches + at, size - at);
    if (!checked) throw CorruptionError(message("produce: ", describe(checked.error())));
    at += checked.value().size();
  }
  add_sealed(batches, size);
}

void PartitionLog::Appender::add_sealed(uint8_t* batches, size_t size) {
  int64_t offset = next_offset();
  // As many batches at once as the segment still takes.
  const auto limit = static_cast<uint64_t>(log_.config()->segment_bytes);
  size_t from = 0;
  for (size_t at = 0; at < size;) {
    const BatchHeader header = read_header(batches + at);
    const size_t batch = header.size();
    patch_base_offset(batches + at, offset);
    offset += int64_t{header.last_offset_delta} + 1;
    const uint64_t used = log_.active().index.covered_bytes() + (at - from);
    if (used > 0 && used + batch > limit) {
      write(batches + from, at - from);
      log_.roll();
      from = at;
    }
    at += batch;
  }
  write(batches + from, size - from);
}

/// In one write, to one segment, so that there is nothing to take back but bytes.
void PartitionLog::Appender::add_together(uint8_t* batches, size_t size) {
  together_ = true;
  const uint64_t used = log_.active().index.covered_bytes();
  if (used > 0 && used + size > static_cast<uint64_t>(log_.config()->segment_bytes)) log_.roll();
  int64_t offset = next_offset();
  for (size_t at = 0; at < size;) {
    const BatchHeader header = read_header(batches + at);
    patch_base_offset(batches + at, offset);
    offset += int64_t{header.last_offset_delta} + 1;
    at += header.size();
  }
  write(batches, size);
}

void PartitionLog::Appender::write(const uint8_t* batches, size_t size) {
  if (size == 0) return;
  if (log_.is_due_to_roll(read_header(batches).max_timestamp)) log_.roll();
  wrote_ = true;
  bytes_ += size;
  if (log_.active().is_new) log_.create_active();
  Segment& segment = log_.active();
  const uint64_t position = segment.index.covered_bytes();
  const std::shared_ptr<File> file = segment.file.open();
  file->write_at(position, batches, size);
  // The sync at the end of a segment would wait for all of it otherwise.
  if (const uint64_t from = position / kWritebackBytes; (position + size) / kWritebackBytes > from)
    file->start_writeback(from * kWritebackBytes, kWritebackBytes);
  const std::lock_guard state(log_.state_mutex_);
  for (size_t at = 0; at < size;) {
    const BatchHeader header = read_header(batches + at);
    segment.index.add(header.base_offset, header.next_offset(), header.max_timestamp,
                      header.size());
    if (header.producer_id >= 0) note(header, batches + at);
    at += header.size();
  }
}

/// The state is held.
void PartitionLog::Appender::note(const BatchHeader& header, const uint8_t* batch) {
  if (!together_ && !first_producers_) first_producers_ = log_.producers_;
  if (const auto aborted = log_.producers_.note(header, batch, now_ms_))
    log_.active().index.add_aborted(*aborted);
}

void PartitionLog::Appender::prepare() {
  if (std::exchange(prepared_, true) || !wrote_) return;
  {
    const std::lock_guard state(log_.state_mutex_);
    const bool others_wait = log_.end_offset_ < log_.log_end_;
    if (!others_wait && !log_.needs_sync(next_offset())) return;
  }
  try {
    log_.context_->sync(*log_.active().file.open());
  } catch (const IoError& error) {
    log_.fail(error.what());  // what is on the disk is unknown from here on
    throw;
  }
  synced_ = true;
}

void PartitionLog::Appender::finish() {
  prepare();
  finish_as(synced_ ? Ending::kSynced : Ending::kVisible);
}

void PartitionLog::Appender::finish_as(Ending ending) {
  Waiters done;
  bool moved = false;
  bool commit = false;
  {
    const std::lock_guard state(log_.state_mutex_);
    if (!log_.failure_.empty())  // a sync of what lies before it failed in the meantime
      throw IoError(message("produce: ", log_.label_, ": ", log_.failure_));
    finished_ = true;
    log_.counters_.bytes_in.add(static_cast<int64_t>(bytes_));
    log_.counters_.records_in.add(next_offset() - first_offset_);
    const bool waits = log_.end_offset_ < log_.log_end_;
    const int64_t end = next_offset();
    if (wrote_ && !log_.is_dirty()) log_.dirty_since_ms_ = monotonic_ns() / 1'000'000;
    if (ending == Ending::kAsDue && (waits || log_.needs_sync(end))) {
      commit = !std::exchange(log_.commit_queued_, true);
      log_.log_end_ = end;
    } else {
      log_.log_end_ = end;
      if (ending == Ending::kSynced) log_.synced_offset_ = end;
      moved = end > log_.end_offset_;
      done = log_.advance(end);
    }
  }
  lock_.unlock();
  if (commit) log_.request_commit();
  for (const Waiter& each : done) each.done(true);
  if (moved) log_.context_->tell(log_);
}

/// Newest first, so that what a crash leaves in between follows each other. After a sync that
/// failed too: the partition stays as it is then, but the next opening reads its files.
void PartitionLog::Appender::take_back() {
  const std::lock_guard state(log_.state_mutex_);
  if (first_producers_) log_.producers_ = std::move(*first_producers_);
  try {
    const bool rolled = log_.segments_.size() > first_segments_;
    for (; log_.segments_.size() > first_segments_; log_.segments_.pop_back())
      remove_segment(log_.active().stem());
    Segment& segment = log_.active();
    if (rolled) {
      remove_index(segment.stem());  // it covers what goes
      log_.saved_bytes_ = 0;
    }
    if (!segment.is_new) segment.file.open()->truncate(first_size_);
    segment.index.cut(first_size_, first_offset_, first_max_timestamp_);
    log_.shortened_ = true;
  } catch (const IoError& error) {
    if (log_.failure_.empty()) log_.failure_ = error.what();
  }
}

int64_t PartitionLog::append(uint8_t* batches, size_t size) {
  Appender appender(*this);
  appender.add(batches, size);
  appender.finish();
  return appender.first_offset();
}

namespace {

AppendOutcome refused(AppendFault fault, std::string why) {
  AppendOutcome out;
  out.fault = fault;
  out.why = std::move(why);
  return out;
}

}  // namespace

AppendOutcome PartitionLog::append_foreign(uint8_t* batches, size_t size,
                                           const ForeignAppend& how) {
  ForeignBatches checked(batches, size, *config(), how, options_.clock->now_ms());
  AppendOutcome out = checked.outcome();
  if (!out.ok()) return out;
  return append_checked(checked.data(), checked.size(), std::move(out), [&] {
    for (size_t at = 0; at < checked.size();) {
      const BatchHeader header = read_header(checked.data() + at);
      if (header.producer_id >= 0) {
        ProducerStates::Verdict verdict = producers_.check(header, how);
        if (verdict.fault != AppendFault::kNone || verdict.stored) return verdict;
      }
      at += header.size();
    }
    return ProducerStates::Verdict{};
  });
}

AppendOutcome PartitionLog::append_marker(int64_t producer_id, int16_t epoch, bool commit,
                                          int32_t coordinator_epoch) {
  std::string bytes =
      make_marker(producer_id, epoch, {commit, coordinator_epoch}, options_.clock->now_ms());
  return append_checked(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(), {}, [&] {
    return producers_.check_marker(producer_id, epoch, coordinator_epoch);
  });
}

AppendOutcome PartitionLog::append_checked(uint8_t* batches, size_t size, AppendOutcome out,
                                           const std::function<ProducerStates::Verdict()>& check) {
  try {
    Appender appender(*this);
    {
      const std::lock_guard state(state_mutex_);
      ProducerStates::Verdict verdict = check();
      if (verdict.fault != AppendFault::kNone)
        return refused(verdict.fault, std::move(verdict.why));
      out.start_offset = bounds_now().start_offset;
      if (verdict.stored) {
        out.duplicate = true;
        out.first_offset = verdict.stored->first_offset;
        out.next_offset = verdict.stored->last_offset + 1;
        if (out.append_time_ms >= 0) out.append_time_ms = verdict.stored->timestamp;
        return out;
      }
    }
    appender.add_together(batches, size);
    out.first_offset = appender.first_offset();
    out.next_offset = appender.next_offset();
    appender.finish_as(Appender::Ending::kAsDue);
    return out;
  } catch (const StateError& error) {
    return refused(AppendFault::kClosed, error.what());
  } catch (const IoError& error) {
    return refused(AppendFault::kStorage, error.what());
  }
}

uint64_t PartitionLog::start_verification(int64_t producer_id, int16_t epoch,
                                          int32_t base_sequence) {
  const std::lock_guard state(state_mutex_);
  return producers_.start_verification(producer_id, epoch, base_sequence, options_.clock->now_ms());
}

std::vector<ProducerInfo> PartitionLog::producers() {
  const std::lock_guard state(state_mutex_);
  return producers_.list();
}

}  // namespace cne::log
