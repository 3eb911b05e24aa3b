// The appending half of partition_log.h.
#include <utility>

#include "core/error.h"
#include "log/foreign_batch.h"
#include "log/partition_log.h"

namespace cne::log {

PartitionLog::Appender::Appender(PartitionLog& log) : log_(log), lock_(log.append_mutex_) {
  const std::lock_guard state(log_.state_mutex_);
  if (log_.options_.read_only)
    throw StateError(message("produce: ", log_.label_, " is open for reading only"));
  if (log_.forsaken_) throw StateError(message("produce: ", log_.label_, " was deleted"));
  if (log_.closed_) throw StateError(message("produce: ", log_.label_, " is closed"));
  if (!log_.failure_.empty())
    throw IoError(message("produce: ", log_.label_, " takes no more records until it is opened ",
                          "again, because a write failed: ", log_.failure_));
  const Segment& active = log_.active();
  first_segments_ = log_.segments_.size();
  first_size_ = active.file.size();
  first_offset_ = active.index.next_offset();
  first_max_timestamp_ = active.index.max_timestamp();
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
    const uint64_t used = log_.active().file.size() + (at - from);
    if (used > 0 && used + batch > limit) {
      write(batches + from, at - from);
      log_.roll();
      from = at;
    }
    at += batch;
  }
  write(batches + from, size - from);
}

void PartitionLog::Appender::write(const uint8_t* batches, size_t size) {
  if (size == 0) return;
  wrote_ = true;
  Segment& segment = log_.active();
  segment.file.append(batches, size);
  const std::lock_guard state(log_.state_mutex_);
  for (size_t at = 0; at < size;) {
    const BatchHeader header = read_header(batches + at);
    segment.index.add(header.base_offset, header.next_offset(), header.max_timestamp,
                      header.size());
    at += header.size();
  }
}

void PartitionLog::Appender::prepare() {
  prepared_ = true;
  if (log_.config()->fsync != FsyncPolicy::kAlways || !wrote_) return;
  try {
    log_.active().file.sync();
  } catch (const IoError& error) {
    log_.fail(error.what());  // what is on the disk is unknown from here on
    throw;
  }
}

void PartitionLog::Appender::finish() {
  if (!prepared_) prepare();
  finished_ = true;
  {
    const std::lock_guard state(log_.state_mutex_);
    log_.end_offset_ = log_.active().index.next_offset();
    if (wrote_ && log_.config_->fsync != FsyncPolicy::kAlways) log_.dirty_ = true;
  }
  lock_.unlock();
  if (wrote_) log_.context_->tell(log_);
}

/// Newest first, so that what a crash leaves in between follows each other. After a sync that
/// failed too: the partition stays as it is then, but the next opening reads its files.
void PartitionLog::Appender::take_back() {
  const std::lock_guard state(log_.state_mutex_);
  try {
    const bool rolled = log_.segments_.size() > first_segments_;
    for (; log_.segments_.size() > first_segments_; log_.segments_.pop_back())
      remove_segment(log_.active().stem);
    Segment& segment = log_.active();
    if (rolled) remove_index(segment.stem);  // it covers what goes
    segment.file.truncate(first_size_);
    segment.index.cut(first_size_, first_offset_, first_max_timestamp_);
    log_.dirty_ = true;
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
  try {
    Appender appender(*this);
    appender.add_sealed(checked.data(), checked.size());
    out.first_offset = appender.first_offset();
    out.next_offset = appender.next_offset();
    appender.finish();
    out.start_offset = start_offset();
    return out;
  } catch (const StateError& error) {
    return refused(AppendFault::kClosed, error.what());
  } catch (const IoError& error) {
    return refused(AppendFault::kStorage, error.what());
  }
}

AppendOutcome PartitionLog::append_marker(int64_t, int16_t, bool, int32_t) {
  return refused(AppendFault::kInvalidTxnState, "no transactions yet");
}

void PartitionLog::when_acknowledged(int64_t next_offset, std::function<void(bool)> done) {
  done(next_offset <= bounds().high_watermark);
}

}  // namespace cne::log
