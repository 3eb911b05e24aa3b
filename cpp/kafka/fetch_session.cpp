#include "kafka/fetch_session.h"

#include <limits>

#include "core/random.h"

namespace cne::kafka {

namespace {

constexpr int64_t kMinEvictionMs = 120'000;

}  // namespace

FetchSession::Key FetchSession::key_of(const FetchTarget& target) {
  // A request names topics either by name or by id, never both.
  return {{target.topic_id.is_zero() ? target.topic : std::string(), target.topic_id},
          target.index};
}

void FetchSession::update(const std::vector<FetchTarget>& changed) {
  for (const FetchTarget& target : changed) {
    const auto found = by_key_.find(key_of(target));
    if (found == by_key_.end()) {
      targets_.push_back(target);
      by_key_[key_of(target)] = std::prev(targets_.end());
      continue;
    }
    FetchTarget& known = *found->second;
    known.offset = target.offset;
    known.max_bytes = target.max_bytes;
    known.leader_epoch = target.leader_epoch;
  }
}

void FetchSession::forget(const std::string& topic, const Uuid& topic_id, int32_t index) {
  FetchTarget target;
  target.topic = topic;
  target.topic_id = topic_id;
  target.index = index;
  const auto found = by_key_.find(key_of(target));
  if (found == by_key_.end()) return;
  targets_.erase(found->second);
  by_key_.erase(found);
}

void FetchSession::move_last(std::list<FetchTarget>::iterator target) {
  targets_.splice(targets_.end(), targets_, target);
}

std::shared_ptr<FetchSession> FetchSessions::create(const std::string& owner, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= slots_) {
    auto oldest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it)
      if (oldest == sessions_.end() || it->second->used_ms < oldest->second->used_ms) oldest = it;
    if (oldest == sessions_.end() || now_ms - oldest->second->used_ms < kMinEvictionMs)
      return nullptr;
    sessions_.erase(oldest);
  }
  int32_t id = 0;
  while (id == 0 || sessions_.contains(id))
    id = static_cast<int32_t>(random_uint64() & std::numeric_limits<int32_t>::max());
  auto session = std::make_shared<FetchSession>(id, owner);
  session->used_ms = now_ms;
  sessions_[id] = session;
  return session;
}

std::pair<std::shared_ptr<FetchSession>, ErrorCode> FetchSessions::find(int32_t id, int32_t epoch,
                                                                        const std::string& owner,
                                                                        int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->owner() != owner)
    return {nullptr, ErrorCode::kFetchSessionIdNotFound};
  FetchSession& session = *found->second;
  if (session.next_epoch != epoch) return {nullptr, ErrorCode::kInvalidFetchSessionEpoch};
  session.next_epoch = epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
  session.used_ms = now_ms;
  return {found->second, ErrorCode::kNone};
}

void FetchSessions::remove(int32_t id, const std::string& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found != sessions_.end() && found->second->owner() == owner) sessions_.erase(found);
}

size_t FetchSessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace cne::kafka
