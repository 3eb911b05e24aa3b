#include "log/partition_log.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "log/retention.h"

namespace cne::log {

namespace {
constexpr int64_t kUnknownTime = -1;  // what clients write for none
}

PartitionLog::PartitionLog(std::string directory, std::string topic, int32_t index,
                           ConfigPtr config, std::shared_ptr<LogContext> context)
    : directory_(std::move(directory)),
      topic_(std::move(topic)),
      index_(index),
      label_(message("topic \"", topic_, "\" partition ", index)),
      context_(std::move(context)),
      options_(context_->options),
      config_(std::move(config)) {
  Recovered recovered = recover_partition(directory_, options_, context_->files);
  notes_ = std::move(recovered.notes);
  take(std::move(recovered));
}

/// What was found in the directory is what there is.
void PartitionLog::take(Recovered recovered) {
  const std::lock_guard state(state_mutex_);
  segments_ = std::move(recovered.segments);
  state_ = std::move(recovered.state);
  producers_ = std::move(recovered.producers);
  if (segments_.empty()) return;
  log_end_ = end_offset_ = active().index.next_offset();
  synced_offset_ = recovered.is_synced ? log_end_ : 0;
  saved_bytes_ = recovered.saved_bytes;
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

/// The file of the first segment, when an empty partition does without.
void PartitionLog::create_active() {
  active().file.open();
  sync_new_file();
  const std::lock_guard state(state_mutex_);
  active().is_new = false;
}

void PartitionLog::sync_new_file() {
  try {
    sync_directory(directory_);
  } catch (const IoError& error) {
    fail(error.what());
    throw;
  }
}

/// Whether the first record of the active segment is too old for one of that time, by segment.ms.
bool PartitionLog::is_due_to_roll(int64_t timestamp_ms) {
  const SegmentIndex& index = active().index;
  if (index.covered_bytes() == 0) return false;
  const ConfigPtr with = config();
  int64_t most = with->segment_ms;
  if (with->cleanup_compact) most = std::min(most, with->max_compaction_lag_ms);
  if (most == TopicConfig::kEver) return false;
  // Segments of one moment, of many partitions, do not all end at one.
  if (with->segment_jitter_ms > 0)
    most -= std::min(most, static_cast<int64_t>(std::hash<std::string>()(label_) %
                                                static_cast<size_t>(with->segment_jitter_ms)));
  int64_t age = 0;
  return !__builtin_sub_overflow(timestamp_ms, index.first_timestamp(), &age) && age >= most;
}

/// Closes the active segment and begins the next. When the disk is full, say, all stays as it was
/// and the next append tries again; only a sync that failed leaves nothing to try.
void PartitionLog::roll() {
  Segment& segment = active();
  try {
    context_->sync(*segment.file.open());
  } catch (const IoError& error) {
    fail(error.what());
    throw;
  }
  note_synced_later();
  save_index(segment);
  const int64_t base = segment.index.next_offset();
  auto next = std::make_shared<Segment>(context_->files, directory_ + "/" + segment_name(base),
                                        base, File::Mode::kReadWrite, false);
  try {
    next->file.open();
  } catch (const IoError&) {
    // There may be no second segment from here on while this one grows.
    if (file_exists(next->file.path())) fail("a file that was not to be there could be made");
    throw;
  }
  {
    const std::lock_guard state(state_mutex_);
    segments_.push_back(std::move(next));
    saved_bytes_ = 0;
  }
  rolled_ = true;
  sync_new_file();
}

int64_t PartitionLog::start_offset() { return bounds().start_offset; }

int64_t PartitionLog::end_offset() { return bounds().high_watermark; }

int64_t PartitionLog::last_stable_offset() { return bounds().last_stable_offset; }

LogBounds PartitionLog::bounds() {
  if (options_.read_only) refresh();
  const std::lock_guard state(state_mutex_);
  return bounds_now();
}

/// The state is held.
LogBounds PartitionLog::bounds_now() const {
  const int64_t base = segments_.empty() ? 0 : segments_.front()->base_offset();
  return {std::max(base, state_.start_offset), end_offset_, producers_.first_unstable(end_offset_)};
}

/// With its entries, which a closed segment does without while nobody uses them. The state is held.
const SegmentIndex& PartitionLog::index_of(Segment& segment) {
  segment.used = true;
  segment.index.need_entries(segment.stem());
  return segment.index;
}

void PartitionLog::forget_indexes() {
  const std::lock_guard state(state_mutex_);
  for (size_t i = 0; i + 1 < segments_.size(); ++i)
    if (!std::exchange(segments_[i]->used, false)) segments_[i]->index.forget_entries();
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

/// Oldest first, so that what a crash or a failure leaves has no hole. Readers keep the files.
size_t PartitionLog::remove_oldest(size_t count) {
  // The active segment can go too; then an empty one keeps the end offset by its name.
  if (count == segments_.size()) roll();
  for (size_t i = 0; i < count; ++i) {
    const std::shared_ptr<Segment> oldest = segments_.front();
    oldest->file.pin();
    remove_segment(oldest->stem());
    const std::lock_guard state(state_mutex_);
    segments_.erase(segments_.begin());
  }
  if (count > 0) sync_directory(directory_);
  return count;
}

int64_t PartitionLog::enforce_retention() {
  const std::lock_guard append(append_mutex_);
  if (options_.read_only || closed_ || !failure_.empty()) return 0;
  const ConfigPtr with = config();
  std::vector<SegmentSize> sizes;
  size_t deleted = 0;  // by delete_records
  for (const auto& segment : segments_) {
    const SegmentIndex& index = segment->index;
    int64_t youngest = index.max_timestamp();
    if (youngest == kUnknownTime && with->retention_ms >= 0 && with->cleanup_delete)
      youngest = file_modified_ms(segment->file.path());
    sizes.push_back({static_cast<int64_t>(index.covered_bytes()), youngest});
    const bool is_gone = index.next_offset() <= state_.start_offset &&
                         (index.covered_bytes() > 0 || segment != segments_.back());
    if (is_gone && deleted + 1 == sizes.size()) ++deleted;
  }
  const size_t expired =
      with->cleanup_delete ? expired_segments(sizes, *with, options_.clock->now_ms()) : 0;
  return static_cast<int64_t>(remove_oldest(std::max(expired, deleted)));
}

void PartitionLog::enforce_retention_if_rolled() {
  if (!rolled_.exchange(false)) return;
  try {
    enforce_retention();
  } catch (const IoError&) {
    rolled_ = true;  // the next append tries again
  }
}

int64_t PartitionLog::delete_records(int64_t before_offset) {
  const std::lock_guard append(append_mutex_);
  if (options_.read_only)
    throw StateError(message("delete_records: ", label_, " is open for reading only"));
  if (closed_) throw StateError(message("delete_records: ", label_, " is closed"));
  if (!failure_.empty()) throw IoError(message("delete_records: ", label_, ": ", failure_));
  const LogBounds now = bounds();
  if (before_offset > now.high_watermark || before_offset < 0)
    throw ArgumentError(message("delete_records: offset ", before_offset, " of ", label_,
                                " is out of range, expected 0 to ", now.high_watermark));
  if (before_offset <= now.start_offset) return now.start_offset;
  PartitionState next = state_;
  next.start_offset = before_offset;
  next.save(directory_);
  {
    const std::lock_guard state(state_mutex_);
    state_ = std::move(next);
  }
  rolled_ = true;  // the files can go
  return before_offset;
}

void PartitionLog::tidy(int64_t producer_expiration_ms) {
  const std::lock_guard append(append_mutex_);
  const int64_t now_ms = options_.clock->now_ms();
  if (options_.read_only || closed_ || !failure_.empty()) return;
  if (is_due_to_roll(now_ms)) roll();
  const std::lock_guard state(state_mutex_);
  producers_.expire(now_ms - producer_expiration_ms);
}

void PartitionLog::note_trouble(const std::string& what) {
  const std::lock_guard state(state_mutex_);
  trouble_ = what;
}

std::string PartitionLog::trouble() {
  const std::lock_guard state(state_mutex_);
  return failure_.empty() ? trouble_ : failure_;
}

void PartitionLog::keep_house(int64_t producer_expiration_ms) {
  std::string what;
  const auto attempt = [&](auto&& task) {
    try {
      task();
    } catch (const Error& error) {
      what = error.what();
    }
  };
  attempt([&] { tidy(producer_expiration_ms); });
  attempt([&] { enforce_retention(); });
  attempt([&] { compact(false); });
  note_trouble(what);
}

void PartitionLog::forsake() {
  const std::lock_guard append(append_mutex_);
  const std::lock_guard state(state_mutex_);
  // A closed one stays closed.
  was_closed_ = closed_;
  closed_ = forsaken_ = true;
}

void PartitionLog::recall() {
  const std::lock_guard state(state_mutex_);
  closed_ = was_closed_;
  forsaken_ = false;
}

void PartitionLog::tell_forsaken() {
  Waiters lost;
  {
    const std::lock_guard state(state_mutex_);
    lost.swap(waiters_);
  }
  tell_later(std::move(lost), false);
}

void PartitionLog::close() {
  Waiters lost;
  bool has_more = false;
  {
    const std::lock_guard append(append_mutex_);
    const std::lock_guard state(state_mutex_);
    if (std::exchange(closed_, true)) return;
    has_more = !options_.read_only && !segments_.empty() && failure_.empty();
    if (!has_more) lost.swap(waiters_);
  }
  tell_later(std::move(lost), false);
  if (!has_more) return;
  // Nobody appends any more, so that the append lock is not needed.
  const auto with_state = [&](auto&& ask) {
    const std::lock_guard state(state_mutex_);
    return ask();
  };
  if (with_state([&] { return is_dirty(); })) sync_to_end();
  if (with_state([&] { return active().index.covered_bytes() != saved_bytes_; }))
    save_index(active());
}

}  // namespace cne::log
