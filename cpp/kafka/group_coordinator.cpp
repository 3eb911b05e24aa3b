#include "kafka/group_coordinator.h"

#include <algorithm>
#include <utility>

namespace cne::kafka {

namespace {

GroupConfig complete(GroupConfig config) {
  if (!config.make_uuid) config.make_uuid = random_uuid_text;
  return config;
}

}  // namespace

GroupCoordinator::GroupCoordinator(GroupConfig config, GroupLog& log, GroupTopics& topics,
                                   Clocks clocks)
    : log_(log),
      topics_(topics),
      clocks_(clocks),
      partitions_(log.partitions()),
      config_(complete(std::move(config))),
      waiting_(static_cast<size_t>(partitions_)),
      check_at_ms_(clocks.steady->now_ms() + config_.offsets_check_interval_ms) {}

void GroupCoordinator::configure(GroupConfig config) {
  const std::lock_guard lock(mutex_);
  config_ = complete(std::move(config));
}

void GroupCoordinator::set_consumer_times(
    std::map<std::string, ConsumerTimes, std::less<>> of_groups) {
  const std::lock_guard lock(mutex_);
  config_.consumer_times = std::move(of_groups);
}

int64_t GroupCoordinator::metadata_limit() {
  const std::lock_guard lock(mutex_);
  return config_.offset_metadata_max_bytes;
}

int32_t GroupCoordinator::partition_of(const std::string& group_id) const {
  return partition_of_group(group_id, partitions_);
}

void GroupCoordinator::on_wake(std::function<void(int64_t)> wake) {
  int64_t first = kNever;
  {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    first = told_ms_ = first_deadline();
    if (!wake_) return;
  }
  wake_(first);
}

int64_t GroupCoordinator::next_deadline() {
  const std::lock_guard lock(mutex_);
  return first_deadline();
}

int64_t GroupCoordinator::first_deadline() const {
  return timers_.empty() ? check_at_ms_ : std::min(check_at_ms_, timers_.top().at_ms);
}

/// One turn: what it decides is appended in the same order under the lock; the rest follows
/// without.
void GroupCoordinator::run(const std::function<void(GroupTurn& turn)>& body) {
  std::vector<Appended> appended;
  GroupTurn turn(clocks_.steady->now_ms(), clocks_.wall->now_ms());
  int64_t wake_at_ms = kNever;
  std::function<void(int64_t)> wake;
  {
    const std::lock_guard lock(mutex_);
    body(turn);
    append(turn, appended);
    for (GroupTimer& timer : turn.timers) timers_.push(std::move(timer));
    if (first_deadline() < told_ms_) {
      wake_at_ms = told_ms_ = first_deadline();
      wake = wake_;
    }
  }
  for (const auto& reply : turn.replies) reply();
  for (const Appended& each : appended)
    log_.when_acknowledged(each.partition, each.next_offset,
                           [weak = weak_from_this(), each](bool ok) {
                             if (const auto self = weak.lock())
                               self->acknowledged(each.partition, each.next_offset, ok);
                           });
  if (wake) wake(wake_at_ms);
}

void GroupCoordinator::append(GroupTurn& turn, std::vector<Appended>& appended) {
  // What a write that failed leads to may write again.
  for (size_t i = 0; i < turn.writes.size(); ++i) {
    GroupTurn::Write write = std::move(turn.writes[i]);
    const int32_t partition = partition_of(write.group_id);
    const auto next =
        log_.append(partition, encode_records(write.records, turn.wall_ms(), write.transaction),
                    write.transaction ? write.transaction->verification : std::nullopt);
    if (next) {
      waiting_[static_cast<size_t>(partition)].push_back({*next, std::move(write.done)});
      appended.push_back({partition, *next});
    } else if (write.done) {
      write.done(turn, false);
    }
  }
}

void GroupCoordinator::acknowledged(int32_t partition, int64_t next_offset, bool ok) {
  run([&](GroupTurn& turn) {
    // Everything before it is as safe; another thread may have told of that already, or will.
    auto& queue = waiting_[static_cast<size_t>(partition)];
    while (!queue.empty() && queue.front().next_offset <= next_offset) {
      const GroupTurn::Done done = std::move(queue.front().done);
      queue.pop_front();
      if (done) done(turn, ok);
    }
  });
}

void GroupCoordinator::tick() {
  run([this](GroupTurn& turn) {
    told_ms_ = kNever;
    do_timers(turn);
  });
}

void GroupCoordinator::do_timers(GroupTurn& turn) {
  while (!timers_.empty() && timers_.top().at_ms <= turn.now_ms()) {
    const GroupTimer timer = timers_.top();
    timers_.pop();
    Slot* slot = find(timer.group_id);
    if (slot == nullptr) continue;
    if (slot->classic) slot->classic->expire(turn, timer);
    if (slot->consumer) {
      slot->consumer->expire(turn, timer);
      make_classic_if_all_are(turn, timer.group_id);
    }
    drop_if_blank(timer.group_id);
  }
  if (check_at_ms_ > turn.now_ms()) return;
  check_at_ms_ = turn.now_ms() + config_.offsets_check_interval_ms;
  expire_offsets(turn);
}

GroupCoordinator::Slot* GroupCoordinator::find(const std::string& group_id) {
  const auto found = slots_.find(group_id);
  return found == slots_.end() ? nullptr : &found->second;
}

Group* GroupCoordinator::classic(const std::string& group_id, bool create) {
  Slot* slot = find(group_id);
  if (slot == nullptr && create) slot = &slots_[group_id];
  if (slot == nullptr) return nullptr;
  if (!slot->classic && !slot->consumer && create)
    slot->classic = std::make_shared<Group>(group_id, config_);
  return slot->classic.get();
}

void GroupCoordinator::drop_if_blank(const std::string& group_id) {
  const auto found = slots_.find(group_id);
  if (found == slots_.end() || !found->second.offsets.is_blank()) return;
  if (found->second.classic && !found->second.classic->is_blank()) return;
  if (found->second.consumer && !found->second.consumer->is_blank()) return;
  slots_.erase(found);
}

}  // namespace cne::kafka
