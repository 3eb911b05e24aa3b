#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/group_records.h"

namespace cne::kafka {

/// What never comes.
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

template <typename Response>
using GroupReply = std::function<void(const Response&)>;

/// Who asks.
struct GroupClient {
  std::string id;    // as the client calls itself
  std::string host;  // "/127.0.0.1"
  int16_t version = 0;
  /// Whether it may know of a topic; it may know of all when empty.
  std::function<bool(const std::string& topic)> may_describe{};
};

/// A moment at which a group wants to look at its deadlines. It may find that they have moved.
struct GroupTimer {
  enum class Kind : uint8_t { kMember, kJoin, kSync, kRevocation, kRejoin };
  int64_t at_ms = 0;
  Kind kind = Kind::kMember;
  std::string group_id;
  std::string member_id;

  bool operator<(const GroupTimer& other) const { return at_ms > other.at_ms; }  // earliest on top
};

/// One call into the groups: its time, and what comes of it, which their owner carries out: records
/// are appended before the lock is released, replies are sent after it.
class GroupTurn {
 public:
  /// Called in a later turn, when the records are safe, or may be lost.
  using Done = std::function<void(GroupTurn& turn, bool ok)>;
  struct Write {
    std::string group_id;
    GroupRecords records;
    std::optional<GroupTransaction> transaction;
    Done done;
  };

  /// `now_ms` is of a clock that only goes forward, for timeouts; `wall_ms` that of the calendar,
  /// for what is kept.
  GroupTurn(int64_t now_ms, int64_t wall_ms) : now_ms_(now_ms), wall_ms_(wall_ms) {}

  int64_t now_ms() const { return now_ms_; }
  int64_t wall_ms() const { return wall_ms_; }

  template <typename Response>
  void reply(GroupReply<Response> reply, Response response) {
    if (!reply) return;
    replies.push_back(
        [reply = std::move(reply), response = std::move(response)] { reply(response); });
  }
  void write(std::string group_id, GroupRecords records, Done done = {}) {
    writes.push_back({std::move(group_id), std::move(records), {}, std::move(done)});
  }
  void wake(int64_t at_ms, GroupTimer::Kind kind, const std::string& group_id,
            const std::string& member_id = {}) {
    timers.push_back({at_ms, kind, group_id, member_id});
  }

  // For the owner of the groups.
  std::vector<std::function<void()>> replies;
  std::vector<Write> writes;
  std::vector<GroupTimer> timers;

 private:
  int64_t now_ms_;
  int64_t wall_ms_;
};

/// A deadline that moves with every sign of life. There is at most one timer on the way for it that
/// is not later, however often it moves.
class GroupDeadline {
 public:
  int64_t at_ms() const { return at_ms_; }
  bool is_due(int64_t now_ms) const { return at_ms_ <= now_ms; }
  void clear() { at_ms_ = kNever; }
  void set(GroupTurn& turn, int64_t at_ms, GroupTimer::Kind kind, const std::string& group_id,
           const std::string& member_id = {}) {
    at_ms_ = at_ms;
    if (timer_ms_ <= at_ms) return;
    timer_ms_ = at_ms;
    turn.wake(at_ms, kind, group_id, member_id);
  }
  /// A timer has come: whether the deadline is over. Else it gets another timer.
  bool expire(GroupTurn& turn, const GroupTimer& timer) {
    if (timer.at_ms >= timer_ms_) timer_ms_ = kNever;
    if (is_due(turn.now_ms())) {
      clear();
      return true;
    }
    if (at_ms_ != kNever) set(turn, at_ms_, timer.kind, timer.group_id, timer.member_id);
    return false;
  }

 private:
  int64_t at_ms_ = kNever;
  int64_t timer_ms_ = kNever;
};

}  // namespace cne::kafka
