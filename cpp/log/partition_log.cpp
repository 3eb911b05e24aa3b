#include "log/partition_log.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/retention.h"

namespace cne::log {

PartitionLog::PartitionLog(std::string directory, std::string topic, int32_t index,
                           ConfigPtr config, std::shared_ptr<LogContext> context)
    : directory_(std::move(directory)),
      topic_(std::move(topic)),
      index_(index),
      label_(message("topic \"", topic_, "\" partition ", index)),
      context_(std::move(context)),
      options_(context_->options),
      config_(std::move(config)) {
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

PartitionLog::ConfigPtr PartitionLog::config() {
  const std::lock_guard state(state_mutex_);
  return config_;
}

void PartitionLog::set_config(ConfigPtr config) {
  const std::lock_guard state(state_mutex_);
  config_.swap(config);
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
  return bounds_now().start_offset;
}

int64_t PartitionLog::last_stable_offset() { return bounds().last_stable_offset; }

LogBounds PartitionLog::bounds() {
  if (options_.read_only) refresh();
  const std::lock_guard state(state_mutex_);
  return bounds_now();
}

/// The caller holds the state.
LogBounds PartitionLog::bounds_now() const {
  const int64_t base = segments_.empty() ? 0 : segments_.front()->base_offset();
  return {std::max(base, start_offset_), end_offset_, end_offset_};
}

void PartitionLog::forsake() {
  const std::lock_guard append(append_mutex_);
  const std::lock_guard state(state_mutex_);
  closed_ = forsaken_ = true;
}

int64_t PartitionLog::delete_records(int64_t before_offset) {
  const std::lock_guard state(state_mutex_);
  start_offset_ = std::max(start_offset_, std::min(before_offset, end_offset_));
  return bounds_now().start_offset;
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
  const size_t expired = expired_segments(sizes, *config(), options_.clock->now_ms());
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
