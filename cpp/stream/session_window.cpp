#include "stream/session_window.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace cne::stream {

namespace {
constexpr size_t kFewKeys = 4096;
constexpr int32_t kMostRevisions = 1 << 30;
}  // namespace

SessionWindowOperator::SessionWindowOperator(const AggregateSpec& spec, const Schema& input)
    : common_(spec, input), states_(common_.layout) {
  schema_ = common_.emissions.schema();
}

void SessionWindowOperator::on_batch(const Batch& batch, Output& out) {
  common_.begin(batch);
  common_.play(
      batch, [&](int64_t row, int64_t event_ms) { on_record(row, event_ms, out); },
      [&](int64_t clock, int64_t next_row) { move_clock(clock, next_row, out); },
      [&](int64_t watermark, int64_t next_row) { move_watermark(watermark, next_row, out); });
  common_.end(out, counts_);
}

void SessionWindowOperator::on_watermark(int64_t clock, int64_t watermark, Output& out) {
  const auto rows = static_cast<int64_t>(common_.ids.size());
  if (clock > common_.clock) move_clock(clock, rows, out);
  if (watermark > common_.watermark) move_watermark(watermark, rows, out);
  common_.end(out, counts_);
}

void SessionWindowOperator::move_clock(int64_t clock, int64_t next_row, Output& out) {
  if (by_clock()) fire_until(clock);
  common_.clock = clock;
  if (by_clock()) close(next_row, out);
}

void SessionWindowOperator::move_watermark(int64_t watermark, int64_t next_row, Output& out) {
  common_.watermark = watermark;
  if (!by_clock()) fire_until(watermark);
  close(next_row, out);
}

SessionWindowOperator::Session* SessionWindowOperator::find(const Timer& timer) {
  for (Session& session : sessions_[timer.key])
    if (session.id == timer.id) return &session;
  return nullptr;
}

void SessionWindowOperator::schedule(uint32_t key, const Session& session) {
  to_fire_.add({session.end, key, session.id});
}

void SessionWindowOperator::fire_until(int64_t time) {
  while (to_fire_.next() <= time) {
    const Timer timer = to_fire_.take();
    Session* session = find(timer);
    if (session == nullptr || !session->waits) continue;
    if (session->end > timer.time) {
      schedule(timer.key, *session);  // it has grown since
      continue;
    }
    common_.pending.flush();
    emit(timer.key, *session, by_clock() ? timer.time : common_.clock);
  }
}

void SessionWindowOperator::emit(uint32_t key, Session& session, int64_t emitted_at) {
  common_.emissions.begin_rows(session.begin, session.end, emitted_at, session.revision++);
  common_.emissions.add_copy(key, session.state);
  session.waits = false;
}

void SessionWindowOperator::on_record(int64_t row, int64_t event_ms, Output& out) {
  const uint32_t key = common_.key_of(row);
  seen_keys_ = std::max<size_t>(seen_keys_, key + size_t{1});
  if (sessions_.size() < common_.keys.size()) sessions_.resize(common_.keys.size());
  counts_.late += event_ms < common_.watermark;
  const int64_t end = event_ms + common_.window.gap_ms;
  if (closed_until() >= end) {
    ++counts_.dropped;
    out.dropped.push_back(row);
    common_.pending.push(nullptr);
    return;
  }
  Session& session = join(key, event_ms, end);
  common_.pending.push(session.state);
  if (session.end <= frontier()) {
    common_.pending.flush();
    emit(key, session, common_.clock);
  } else if (!session.waits) {
    session.waits = true;
    schedule(key, session);
  }
}

/// The session of a key that holds [begin, end), which all sessions that it touches are joined to.
SessionWindowOperator::Session& SessionWindowOperator::join(uint32_t key, int64_t begin,
                                                            int64_t end) {
  std::vector<Session>& list = sessions_[key];
  size_t first = 0;
  while (first < list.size() && list[first].end <= begin) ++first;
  size_t last = first;
  while (last < list.size() && list[last].begin < end) ++last;
  if (first == last) {
    live_keys_ += list.empty();
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(first);
    Session fresh{begin, end, next_id_++, 0, false, states_.take()};
    to_close_.add({close_time(end), key, fresh.id});
    return *list.insert(at, fresh);
  }
  Session& kept = list[first];
  if (last - first > 1) common_.pending.flush();
  for (size_t i = first + 1; i < last; ++i) {
    // From the oldest to the newest, so that the order of additions is that of time.
    common_.layout.merge(kept.state, list[i].state);
    states_.give_back(list[i].state);
    kept.end = list[i].end;
    kept.revision = std::max(kept.revision, list[i].revision);
  }
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(first) + 1,
             list.begin() + static_cast<std::ptrdiff_t>(last));
  kept.begin = std::min(kept.begin, begin);
  kept.end = std::max(kept.end, end);
  return kept;
}

/// Frees the sessions that no record can reach any more.
void SessionWindowOperator::close(int64_t next_row, Output& out) {
  bool closed = false;
  const int64_t time = closed_until();
  while (to_close_.next() <= time) {
    Timer timer = to_close_.take();
    Session* session = find(timer);
    if (session == nullptr) continue;
    timer.time = close_time(session->end);
    if (timer.time > time) {
      to_close_.add(timer);
      continue;
    }
    common_.pending.flush();
    states_.give_back(session->state);
    std::vector<Session>& list = sessions_[timer.key];
    list.erase(list.begin() + (session - list.data()));
    live_keys_ -= list.empty();
    closed = true;
  }
  if (closed && seen_keys_ > kFewKeys && seen_keys_ > 2 * live_keys_) collect_keys(next_row, out);
}

void SessionWindowOperator::collect_keys(int64_t next_row, Output& out) {
  common_.flush_emissions(out, counts_);
  std::vector<uint32_t> kept, renumbered;
  for (size_t key = 0; key < seen_keys_ && key < sessions_.size(); ++key)
    if (!sessions_[key].empty()) kept.push_back(static_cast<uint32_t>(key));
  common_.keep_only(kept, renumbered, next_row);
  for (size_t i = 0; i < kept.size(); ++i)
    if (kept[i] != i) sessions_[i] = std::move(sessions_[kept[i]]);
  sessions_.resize(kept.size());
  sessions_.resize(common_.keys.size());
  seen_keys_ = kept.size();
  to_fire_.renumber(renumbered);
  to_close_.renumber(renumbered);
}

void SessionWindowOperator::snapshot(StateWriter& out) const {
  common_.snapshot(out);
  snapshot_counts(out);
  out.put(next_id_);
  const std::vector<uint8_t> groups = common_.keys.groups();
  std::vector<std::vector<uint32_t>> sections(kKeyGroups);
  for (uint32_t key = 0; key < sessions_.size(); ++key)
    if (!sessions_[key].empty()) sections[groups[key]].push_back(key);
  for (const auto& section : sections) {
    out.put<uint64_t>(section.size());
    for (const uint32_t key : section) {
      out.put(key);
      out.put<uint64_t>(sessions_[key].size());
      for (const Session& session : sessions_[key]) {
        out.put(session.begin);
        out.put(session.end);
        out.put(session.id);
        out.put(session.revision);
        out.put<uint8_t>(session.waits);
        common_.layout.serialize(session.state, out.bytes());
      }
    }
  }
}

void SessionWindowOperator::restore(StateReader& in) {
  common_.restore(in);
  restore_counts(in);
  next_id_ = in.get_within<uint64_t>(0, uint64_t{1} << 60, "count");
  seen_keys_ = common_.keys.size();
  sessions_.resize(seen_keys_);
  for (uint64_t group = 0; group < kKeyGroups; ++group)
    for (size_t keys = in.get_count(12); keys > 0; --keys) {
      const uint32_t key = common_.get_key(in);
      if (!sessions_[key].empty()) in.refuse("new key", message(key));
      ++live_keys_;
      int64_t earliest = -kFarthest;
      size_t n = in.get_count(29);
      if (n == 0) in.refuse("key with sessions", message(key));
      for (; n > 0; --n) {
        Session session{};
        session.begin = in.get_within(earliest, kFarthest, "session");
        session.end = in.get_within(session.begin + 1, 2 * kFarthest, "session");
        session.id = in.get_within<uint64_t>(0, next_id_, "session");
        session.revision = in.get_within<int32_t>(0, kMostRevisions, "revision");
        earliest = session.end;
        session.waits = in.get<uint8_t>() != 0;
        session.state = states_.take();
        in.move_to(common_.layout.deserialize(session.state, in.here(), in.end()));
        sessions_[key].push_back(session);
        if (session.waits) schedule(key, session);
        to_close_.add({close_time(session.end), key, session.id});
      }
    }
}

}  // namespace cne::stream
