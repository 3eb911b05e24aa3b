// The compaction of partition_log.h.
#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "log/partition_log.h"
#include "log/segment_cleaner.h"

namespace cne::log {

namespace {

/// The largest map of keys; the first segment that is to be compacted may make it larger.
constexpr size_t kMapBytes = 128 << 20;
/// Of one group, as all of them are open when another file takes their place.
constexpr size_t kMaxGroup = 64;

}  // namespace

/// What one compaction works on: the segments as they were when it began.
struct PartitionLog::CompactionPlan {
  std::vector<std::shared_ptr<Segment>> segments;  // that may be compacted, the oldest first
  size_t first_dirty = 0;                          // of them was not compacted yet
  std::vector<AbortedRange> aborted;
  ProducerStates producers;
  ConfigPtr config;
  BatchFilter::Rules rules;
};

/// Which segments are old enough and decided, and whether compacting them is due.
std::optional<PartitionLog::CompactionPlan> PartitionLog::plan_compaction(bool now) {
  CompactionPlan plan;
  const std::lock_guard append(append_mutex_);
  const std::lock_guard state(state_mutex_);
  if (options_.read_only || closed_ || !failure_.empty() || !config_->cleanup_compact)
    return std::nullopt;
  plan.config = config_;
  const int64_t now_ms = options_.clock->now_ms();
  const LogBounds bounds = bounds_now();
  plan.rules = {bounds.start_offset, now_ms, config_->delete_retention_ms};
  uint64_t clean = 0;
  uint64_t dirty = 0;
  bool too_old = false;
  for (size_t i = 0; i + 1 < segments_.size(); ++i) {
    const SegmentIndex& index = segments_[i]->index;
    if (index.next_offset() > bounds.last_stable_offset) break;
    if (config_->min_compaction_lag_ms > 0 &&
        index.max_timestamp() > now_ms - config_->min_compaction_lag_ms)
      break;
    plan.segments.push_back(segments_[i]);
    if (index.base_offset() < state_.cleaned_to()) {
      clean += index.covered_bytes();
      ++plan.first_dirty;
    } else {
      dirty += index.covered_bytes();
      too_old = too_old || (config_->max_compaction_lag_ms < TopicConfig::kEver &&
                            index.first_timestamp() < now_ms - config_->max_compaction_lag_ms);
    }
  }
  const bool worth_it =
      dirty > 0 && static_cast<double>(dirty) >=
                       config_->min_cleanable_dirty_ratio * static_cast<double>(clean + dirty);
  if (plan.segments.empty() || !(now || worth_it || too_old)) return std::nullopt;
  for (const auto& segment : segments_)
    plan.aborted.insert(plan.aborted.end(), segment->index.aborted().begin(),
                        segment->index.aborted().end());
  plan.producers = producers_;
  return plan;
}

bool PartitionLog::compact(bool now) {
  const std::lock_guard compacting(compact_mutex_);
  save_state();
  std::optional<CompactionPlan> plan = plan_compaction(now);
  if (!plan) return false;
  OffsetMap latest;
  BatchFilter filter(latest, plan->aborted, plan->producers, plan->rules);
  // What does not fit into the map waits for the next compaction.
  size_t end = plan->first_dirty;
  for (; end < plan->segments.size(); ++end) {
    if (latest.bytes() > kMapBytes && end > plan->first_dirty) break;
    for_each_batch(*plan->segments[end], [&](const BatchHeader& header, const uint8_t* batch) {
      filter.note_keys(header, batch, latest);
    });
  }
  plan->segments.resize(end);
  bool changed = false;
  for (size_t i = 0; i < plan->segments.size();) {
    const size_t from = i;
    uint64_t bytes = 0;
    const int64_t base = plan->segments[from]->base_offset();
    // Small ones become one, as far as that has an index.
    for (; i < plan->segments.size(); ++i) {
      const SegmentIndex& index = plan->segments[i]->index;
      bytes += index.covered_bytes();
      if (i - from == kMaxGroup) break;
      if (i > from && (bytes > static_cast<uint64_t>(plan->config->segment_bytes) ||
                       index.next_offset() - base > std::numeric_limits<int32_t>::max()))
        break;
    }
    const std::vector<std::shared_ptr<Segment>> group(plan->segments.begin() + from,
                                                      plan->segments.begin() + i);
    if (!compact_group(group, plan->aborted, filter)) return changed;
    changed = true;
    save_state();
  }
  return changed;
}

/// False when the partition changed in the meantime so that the rest has to wait.
bool PartitionLog::compact_group(const std::vector<std::shared_ptr<Segment>>& group,
                                 const std::vector<AbortedRange>& aborted, BatchFilter& filter) {
  const CleanedRange range{group.front()->base_offset(), group.back()->index.next_offset()};
  SegmentCleaner cleaner(directory_, range.begin);
  try {
    for (const auto& segment : group) cleaner.add(*segment, aborted, filter);
    // The producers at the end of the last one are those at the end of what takes its place. When
    // they are not known, the next opening finds them in the batches.
    std::string producers;
    SegmentIndex last(group.back()->base_offset());
    const bool known = last.load(group.back()->stem(), &producers);
    cleaner.finish(range.end, producers);
    if (!known) remove_index(cleaned_stem(directory_, range.begin));
    // Readers that are about to open them get the old bytes.
    for (const auto& segment : group) segment->file.pin();
  } catch (const Error&) {
    cleaner.discard();
    throw;
  }
  const std::lock_guard append(append_mutex_);
  const auto place = std::search(segments_.begin(), segments_.end(), group.begin(), group.end());
  const bool unchanged = group.size() == 1 && !cleaner.changed();
  const bool is_there = place != segments_.end() && !closed_ && failure_.empty();
  if (!is_there || (unchanged && group.front()->compacted)) {
    cleaner.discard();
    return is_there;
  }
  PartitionState next = state_;
  std::erase_if(next.cleaned, [&](const CleanedRange& each) {
    return each.end <= segments_.front()->base_offset() ||
           (each.begin >= range.begin && each.begin < range.end);
  });
  next.cleaned.insert(
      std::upper_bound(next.cleaned.begin(), next.cleaned.end(), range,
                       [](const auto& a, const auto& b) { return a.begin < b.begin; }),
      range);
  if (!unchanged) {
    next.swap = range;
    next.swap_bytes = static_cast<int64_t>(cleaner.index().covered_bytes());
  }
  try {
    next.save(directory_);
  } catch (const IoError& error) {
    // When not even that was written (the disk is full, say), nothing has happened.
    if (PartitionState::load(directory_) == state_)
      cleaner.discard();
    else
      fail(error.what());
    throw;
  }
  try {
    unchanged ? cleaner.discard() : move_swapped(directory_, next);
  } catch (const IoError& error) {
    fail(error.what());  // the next opening does what is left
    throw;
  }
  next.swap.reset();
  next.swap_bytes = 0;
  state_unsaved_ = !unchanged;
  const std::lock_guard state(state_mutex_);
  state_ = std::move(next);
  if (unchanged) {
    group.front()->compacted = true;
    return true;
  }
  auto segment =
      std::make_shared<Segment>(context_->files, directory_ + "/" + segment_name(range.begin),
                                range.begin, File::Mode::kReadWrite, false);
  segment->index = cleaner.index();
  segment->compacted = true;
  const auto behind = segments_.erase(place, place + static_cast<ptrdiff_t>(group.size()));
  segments_.insert(behind, std::move(segment));
  return true;
}

/// That a swap was done is noted when there is room for it. Until then it would be done again.
void PartitionLog::save_state() {
  const std::lock_guard append(append_mutex_);
  if (!state_unsaved_ || closed_ || !failure_.empty()) return;
  state_.save(directory_);
  state_unsaved_ = false;
}

}  // namespace cne::log
