#include "log/partition_log.h"

#include <utility>

#include "core/error.h"
#include "log/retention.h"

namespace cne::log {

PartitionLog::PartitionLog(std::string directory, std::string label, const TopicConfig& config,
                           const LogOptions& options)
    : directory_(std::move(directory)),
      label_(std::move(label)),
      config_(config),
      options_(options) {
  segments_ = recover_partition(directory_, options_, notes_);
  if (!segments_.empty()) end_offset_ = active().index.next_offset();
}

PartitionLog::~PartitionLog() {
  try {
    close();
  } catch (const std::exception&) {
    // A destructor has nobody to tell; recovery will do what the close could not.
  }
}

PartitionLog::Appender::Appender(PartitionLog& log) : log_(log), lock_(log.append_mutex_) {
  const std::lock_guard state(log_.state_mutex_);
  if (log_.options_.read_only)
    throw StateError(message("produce: ", log_.label_, " is open for reading only"));
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
  const auto limit = static_cast<uint64_t>(log_.config_.segment_bytes);
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
  if (log_.options_.fsync != FsyncPolicy::kAlways || !wrote_) return;
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
  const std::lock_guard state(log_.state_mutex_);
  log_.end_offset_ = log_.active().index.next_offset();
  if (wrote_ && log_.options_.fsync != FsyncPolicy::kAlways) log_.dirty_ = true;
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

/// Closes the active segment and begins the next. The appender is held.
void PartitionLog::roll() {
  try {
    active().file.sync();
    active().index.save(active().stem);
    std::shared_ptr<Segment> next = open_segment(directory_, active().index.next_offset(), false);
    {
      const std::lock_guard state(state_mutex_);
      segments_.push_back(std::move(next));
    }
    rolled_ = true;
    sync_directory(directory_);
  } catch (const IoError& error) {
    fail(error.what());
    throw;
  }
}

void PartitionLog::fail(const std::string& why) {
  const std::lock_guard state(state_mutex_);
  if (failure_.empty()) failure_ = why;
}

int64_t PartitionLog::start_offset() {
  if (options_.read_only) refresh();
  const std::lock_guard state(state_mutex_);
  return segments_.empty() ? 0 : segments_.front()->base_offset();
}

int64_t PartitionLog::end_offset() {
  if (options_.read_only) refresh();
  const std::lock_guard state(state_mutex_);
  return end_offset_;
}

int64_t PartitionLog::size_bytes() {
  const std::lock_guard state(state_mutex_);
  int64_t out = 0;
  for (const auto& segment : segments_) out += static_cast<int64_t>(segment->index.covered_bytes());
  return out;
}

int64_t PartitionLog::segment_count() {
  const std::lock_guard state(state_mutex_);
  return static_cast<int64_t>(segments_.size());
}

void PartitionLog::flush() {
  const std::lock_guard flushing(flush_mutex_);
  std::shared_ptr<Segment> segment;
  {
    const std::lock_guard state(state_mutex_);
    if (!failure_.empty()) throw IoError(message("flush: ", label_, ": ", failure_));
    if (!dirty_.exchange(false)) return;
    segment = segments_.back();
  }
  // Outside of the lock: a slow disk holds up no reader and no append.
  try {
    segment->file.sync();
  } catch (const IoError& error) {
    fail(error.what());
    throw;
  }
}

int64_t PartitionLog::enforce_retention() {
  const std::lock_guard append(append_mutex_);
  if (options_.read_only || closed_ || !failure_.empty()) return 0;
  std::vector<SegmentSize> sizes;
  for (const auto& segment : segments_)
    sizes.push_back(
        {static_cast<int64_t>(segment->index.covered_bytes()), segment->index.max_timestamp()});
  const size_t expired = expired_segments(sizes, config_, options_.clock->now_ms());
  // The active segment can go too; then an empty one keeps the end offset by its name.
  if (expired == segments_.size()) roll();
  // Oldest first, so that what a crash or a failure leaves has no hole. Readers keep the open
  // files.
  for (size_t i = 0; i < expired; ++i) {
    remove_segment(segments_.front()->stem);
    const std::lock_guard state(state_mutex_);
    segments_.erase(segments_.begin());
  }
  if (expired > 0) sync_directory(directory_);
  return static_cast<int64_t>(expired);
}

void PartitionLog::enforce_retention_if_rolled() {
  if (!rolled_.exchange(false)) return;
  try {
    enforce_retention();
  } catch (const IoError&) {
    rolled_ = true;  // the next append tries again
  }
}

void PartitionLog::close() {
  const std::lock_guard append(append_mutex_);
  {
    const std::lock_guard state(state_mutex_);
    if (closed_ || options_.read_only || segments_.empty()) {
      closed_ = true;
      return;
    }
    closed_ = true;
    if (!failure_.empty()) return;
  }
  active().file.sync();
  active().index.save(active().stem);
  dirty_ = false;
}

}  // namespace cne::log
