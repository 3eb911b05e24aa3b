// What makes the bytes of partition_log.h durable, and tells who waits for it.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/batch_cursor.h"
#include "log/partition_log.h"

namespace cne::log {

namespace {

/// A recovery reads at most about so many bytes of a partition whose index is good.
constexpr uint64_t kCheckpointBytes = 64 << 20;

}  // namespace

/// Whether an append that ends at `end` waits for a sync. The state is held.
bool PartitionLog::needs_sync(int64_t end) const {
  return config_->fsync == FsyncPolicy::kAlways || end - synced_offset_ >= config_->flush_messages;
}

/// The state is held.
bool PartitionLog::is_dirty() const { return synced_offset_ < log_end_ || shortened_; }

/// Readers see everything before `high_watermark`. Returns who waited for it. The state is held.
PartitionLog::Waiters PartitionLog::advance(int64_t high_watermark) {
  Waiters done;
  if (high_watermark <= end_offset_) return done;
  end_offset_ = high_watermark;
  producers_.note_watermark(high_watermark);
  const auto waits = std::partition(waiters_.begin(), waiters_.end(), [&](const Waiter& each) {
    return each.next_offset > high_watermark;
  });
  done.assign(std::make_move_iterator(waits), std::make_move_iterator(waiters_.end()));
  waiters_.erase(waits, waiters_.end());
  return done;
}

void PartitionLog::tell_later(Waiters waiters, bool ok) {
  if (waiters.empty()) return;
  auto shared = std::make_shared<const Waiters>(std::move(waiters));
  const auto tell = [shared, ok] {
    for (const Waiter& each : *shared) each.done(ok);
  };
  if (!context_->committer.post(tell)) tell();
}

void PartitionLog::fail(const std::string& why) {
  Waiters lost;
  {
    const std::lock_guard state(state_mutex_);
    if (failure_.empty()) failure_ = why;
    lost.swap(waiters_);
  }
  tell_later(std::move(lost), false);
}

void PartitionLog::when_acknowledged(int64_t next_offset, std::function<void(bool ok)> done) {
  bool ok = false;
  {
    const std::lock_guard state(state_mutex_);
    ok = next_offset <= end_offset_;
    if (!ok && failure_.empty() && !closed_) {
      waiters_.push_back({next_offset, std::move(done)});
      return;
    }
  }
  done(ok);
}

void PartitionLog::request_commit() {
  if (!context_->committer.post([self = shared_from_this()] { self->commit(); })) commit();
}

/// On the committer: what was appended since the last time goes to the disk at once. Only one at a
/// time: what comes in the meantime is carried by the next one.
void PartitionLog::commit() {
  try {
    sync_to_end();
  } catch (const IoError&) {
    // Everyone who waits was told. What they wrote may not come back at the next opening.
    const std::lock_guard append(append_mutex_);
    cut_to_high_watermark();
    return;
  }
  {
    const std::lock_guard state(state_mutex_);
    commit_queued_ = end_offset_ < log_end_ && failure_.empty();
    if (!commit_queued_) return;
  }
  request_commit();
}

/// Syncs what is there; readers see it then.
void PartitionLog::sync_to_end() {
  std::shared_ptr<Segment> segment;
  int64_t mark = 0;
  bool is_new = false;
  {
    const std::lock_guard state(state_mutex_);
    if (!failure_.empty()) throw IoError(message("flush: ", label_, ": ", failure_));
    // What lies before the last segment was synced when that was begun.
    segment = segments_.back();
    is_new = segment->is_new;
    mark = log_end_;
    shortened_ = false;
  }
  // Outside of the lock: a slow disk holds up no reader and no append.
  try {
    if (!is_new) context_->sync(*segment->file.open());
  } catch (const IoError& error) {
    fail(error.what());
    throw;
  }
  note_synced(mark);
}

void PartitionLog::note_synced(int64_t end_offset) {
  Waiters done;
  bool moved = false;
  {
    const std::lock_guard state(state_mutex_);
    synced_offset_ = std::max(synced_offset_, end_offset);
    dirty_since_ms_ = monotonic_ns() / 1'000'000;
    moved = failure_.empty() && end_offset > end_offset_;
    if (moved) done = advance(end_offset);
  }
  for (const Waiter& each : done) each.done(true);
  if (moved) context_->tell(*this);
}

/// The same for all that was appended, from within an append: who is told may append too.
void PartitionLog::note_synced_later() {
  Waiters done;
  {
    const std::lock_guard state(state_mutex_);
    synced_offset_ = log_end_;
    if (end_offset_ == log_end_) return;
    done = advance(log_end_);
  }
  tell_later(std::move(done), true);
  context_->committer.post([self = shared_from_this()] { self->context_->tell(*self); });
}

void PartitionLog::flush() {
  {
    const std::lock_guard state(state_mutex_);
    if (!failure_.empty()) throw IoError(message("flush: ", label_, ": ", failure_));
    if (!is_dirty() || closed_) return;
  }
  sync_to_end();
}

bool PartitionLog::is_flush_due(int64_t now_ms, int64_t tick_ms, bool interval_is_over) {
  const std::lock_guard state(state_mutex_);
  if (!failure_.empty() || closed_ || !is_dirty()) return false;
  if (interval_is_over && config_->fsync == FsyncPolicy::kInterval) return true;
  return now_ms - dirty_since_ms_ + tick_ms >= config_->flush_ms;
}

std::optional<int64_t> PartitionLog::to_sync() {
  const std::lock_guard state(state_mutex_);
  if (!failure_.empty() || closed_ || options_.read_only || synced_offset_ >= log_end_)
    return std::nullopt;
  return log_end_;
}

/// The last segment ends where readers' view ends. The appender is held.
void PartitionLog::cut_to_high_watermark() {
  try {
    while (segments_.size() > 1 && active().base_offset() > end_offset_) {
      remove_segment(active().stem());
      const std::lock_guard state(state_mutex_);
      segments_.pop_back();
    }
    Segment& segment = active();
    if (segment.is_new || segment.index.next_offset() <= end_offset_) return;
    const std::shared_ptr<File> file = segment.file.open();
    BatchCursor cursor(file, segment.index.find_offset(end_offset_).position,
                       segment.index.covered_bytes());
    for (int64_t next = -1; next < end_offset_; cursor.skip()) {
      const auto header = cursor.peek("produce");
      if (!header || header->base_offset >= end_offset_) break;
      next = header->next_offset();
    }
    if (saved_bytes_ > cursor.position()) remove_index(segment.stem());
    file->truncate(cursor.position());
    const std::lock_guard state(state_mutex_);
    segment.index.cut(cursor.position(), end_offset_, segment.index.max_timestamp());
    log_end_ = end_offset_;
  } catch (const Error&) {
    // The partition takes no more records; what could not be cut is there at the next opening.
  }
}

/// With what the state was when the segment ended. The appender is held, and the segment synced.
void PartitionLog::save_index(Segment& segment) {
  const std::lock_guard index(index_mutex_);
  segment.index.save(segment.stem(), producers_.save());
  const std::lock_guard state(state_mutex_);
  saved_bytes_ = segment.index.covered_bytes();
}

void PartitionLog::checkpoint_if_due() {
  std::shared_ptr<Segment> segment;
  std::optional<SegmentIndex> copy;
  std::string producers;
  int64_t mark = 0;
  {
    const std::lock_guard append(append_mutex_);  // no append is in progress
    const std::lock_guard state(state_mutex_);
    if (options_.read_only || closed_ || !failure_.empty()) return;
    if (active().index.covered_bytes() < saved_bytes_ + kCheckpointBytes) return;
    segment = segments_.back();
    copy = segment->index;
    producers = producers_.save();
    mark = log_end_;
  }
  try {
    context_->sync(*segment->file.open());
  } catch (const IoError& error) {
    fail(error.what());
    return;
  }
  note_synced(mark);
  const std::lock_guard index(index_mutex_);
  {
    const std::lock_guard state(state_mutex_);
    // A segment that was closed in the meantime has its last index.
    if (segments_.back() != segment || closed_ || !failure_.empty()) return;
  }
  try {
    copy->save(segment->stem(), producers);
    const std::lock_guard state(state_mutex_);
    saved_bytes_ = copy->covered_bytes();
  } catch (const IoError&) {
    // Then the recovery takes longer.
  }
}

}  // namespace cne::log
