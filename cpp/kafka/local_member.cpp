#include "kafka/local_member.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "core/error.h"
#include "kafka/assignor.h"
#include "kafka/local_offsets.h"
#include "kafka/messages/consumer_group_heartbeat.h"

namespace cne::kafka {

namespace {

using Request = ConsumerGroupHeartbeatRequest;
using Response = ConsumerGroupHeartbeatResponse;

/// So often who polls asks whether its share has changed.
constexpr int64_t kPollBeatMs = 20;
/// The epoch may move between a look at it and the commit: the answer that tells of it waits for
/// the disk, at most so many times a millisecond.
constexpr int kMaxStaleCommits = 10'000;

const GroupClient kClient{"cnengine", "/127.0.0.1", Request::kApi.last};

}  // namespace

/// What a member knows of itself.
struct LocalMember::State : std::enable_shared_from_this<State> {
  using Owned = std::set<std::pair<Uuid, int32_t>>;

  State(StoreGroups& of, LocalMemberOptions settings)
      : groups(of.coordinator()),
        store(of.store()),
        loop(of.loop()),
        options(std::move(settings)),
        member_id(random_uuid_text()) {}

  void beat();
  void answered(const Response& response);
  void keep_alive();
  Step step_to(const Owned& wanted, bool is_lost);
  LocalCommitter committer();

  // Of the StoreGroups, which outlive the loop that calls and the member.
  GroupCoordinator& groups;
  log::TopicStore& store;
  const LoopHandle loop;
  const LocalMemberOptions options;
  const std::string member_id;

  std::mutex sending;  // over one request, so that none follows the one that leaves
  std::mutex mutex;    // guards what follows; taken after `sending`
  std::vector<std::string> topics;
  bool subscribed = false;
  bool waits = false;  // for the answer of a heartbeat
  int32_t epoch = Request::kJoin;
  int64_t last_poll_ms = 0;
  int64_t last_beat_ms = 0;
  int32_t interval_ms = 5000;
  bool has_timer = false;
  std::optional<std::string> refused;
  Owned owned;
  std::optional<Owned> wanted;  // what the group says
  bool is_lost = false;         // the group has forgotten the member
  std::optional<Owned> step;    // what `poll` told last
  bool step_is_lost = false;    // and whether that was of a lost member
  std::map<Uuid, std::string> names;
};

/// One heartbeat, which tells everything: the group sees what changed.
void LocalMember::State::beat() {
  const std::lock_guard one(sending);
  Request request;
  {
    const std::lock_guard lock(mutex);
    if (!subscribed || waits || refused || is_lost) return;
    waits = true;
    last_beat_ms = EventLoop::now_ms();
    request.group_id = options.group_id;
    request.member_id = member_id;
    request.member_epoch = epoch;
    request.instance_id = options.instance_id;
    request.rebalance_timeout_ms = static_cast<int32_t>(options.max_poll_interval_ms);
    request.topic_names = topics;
    request.server_assignor = options.assignor;
    auto& list = request.topics.emplace();
    for (const auto& [id, partition] : owned) {
      if (list.empty() || list.back().topic_id != id) list.push_back({id, {}});
      list.back().partitions.push_back(partition);
    }
  }
  groups.consumer_heartbeat(kClient, request, [weak = weak_from_this()](const Response& response) {
    if (const auto self = weak.lock()) self->answered(response);
  });
}

void LocalMember::State::answered(const Response& response) {
  const std::lock_guard lock(mutex);
  waits = false;
  if (!subscribed) return;
  switch (response.error) {
    case ErrorCode::kNone:
      epoch = response.member_epoch;
      interval_ms = response.heartbeat_interval_ms;
      if (response.assignment) {
        Owned now;
        for (const TopicPartitions& topic : response.assignment->topics)
          for (const int32_t partition : topic.partitions) now.emplace(topic.topic_id, partition);
        wanted = std::move(now);
      }
      return;
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kFencedMemberEpoch:
      // What it owned is another's, or will be: it is given up before the member joins anew.
      epoch = Request::kJoin;
      wanted.emplace();
      is_lost = true;
      return;
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kCoordinatorNotAvailable:
      return;  // the next heartbeat asks again
    default:
      refused = message("poll: the group \"", options.group_id,
                        "\" refuses the consumer: ", error_name(response.error));
      if (response.error_message) *refused += ": " + *response.error_message;
  }
}

/// The timer between polls. On the loop's thread.
void LocalMember::State::keep_alive() {
  int64_t again_ms = 0;
  bool is_late = false;
  {
    const std::lock_guard lock(mutex);
    has_timer = subscribed;
    if (!subscribed) return;
    again_ms = std::max(interval_ms / 2, 10);
    is_late = EventLoop::now_ms() - last_poll_ms > options.max_poll_interval_ms;
  }
  if (is_late) {
    const std::lock_guard one(sending);
    Request request;
    request.group_id = options.group_id;
    request.member_id = member_id;
    request.member_epoch = Request::kLeave;
    request.instance_id = options.instance_id;
    {
      const std::lock_guard lock(mutex);
      if (!subscribed || is_lost || epoch == Request::kJoin) {
        has_timer = false;
        return;
      }
      epoch = Request::kJoin;
      wanted.emplace();
      is_lost = true;
    }
    groups.consumer_heartbeat(kClient, request, {});
  } else {
    beat();
  }
  loop.after(again_ms, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->keep_alive();
  });
}

/// From what is owned to what is wanted. A topic that has gone is given up, and never taken.
LocalMember::Step LocalMember::State::step_to(const Owned& next, bool lost) {
  Step out;
  out.is_lost = lost;
  for (const auto& place : owned)
    if (!next.contains(place)) out.give_up.emplace_back(names[place.first], place.second);
  for (const auto& place : next) {
    if (owned.contains(place)) continue;
    const auto info = store.topic_by_id(place.first.bytes);
    if (!info) continue;
    names[place.first] = info->name;
    out.take.emplace_back(info->name, place.second);
  }
  return out;
}

LocalCommitter LocalMember::State::committer() {
  const std::lock_guard lock(mutex);
  if (!subscribed) return {options.group_id, "", {}, -1};
  return {options.group_id, member_id, options.instance_id, epoch};
}

LocalMember::LocalMember(std::shared_ptr<StoreGroups> groups, LocalMemberOptions options)
    : groups_(std::move(groups)) {
  if (options.group_id.empty())
    throw ArgumentError("consumer: expected a name of a group, got \"\"");
  if (options.instance_id && options.instance_id->empty())
    throw ArgumentError("consumer: expected group_instance_id not to be empty");
  if (options.assignor && !is_assignor(*options.assignor))
    throw ArgumentError(message("consumer: expected group_remote_assignor to be \"uniform\" or ",
                                "\"range\", got \"", *options.assignor, "\""));
  if (options.max_poll_interval_ms < 1 || options.max_poll_interval_ms > 86'400'000)
    throw ArgumentError(message("consumer: expected max_poll_interval_ms of 1 to 86400000, got ",
                                options.max_poll_interval_ms));
  state_ = std::make_shared<State>(*groups_, std::move(options));
}

LocalMember::~LocalMember() {
  if (groups_->is_here()) {
    try {
      leave();
    } catch (const std::exception&) {  // it is forgotten when its session is over
    }
    return;
  }
  static_cast<void>(std::make_unique<std::shared_ptr<State>>(std::move(state_)).release());
}

void LocalMember::check(const char* function) const {
  if (!groups_->is_here())
    throw StateError(message(function, ": the consumer was made before a fork of the process; ",
                             "make another one in this one"));
}

void LocalMember::subscribe(std::vector<std::string> topics) {
  check("subscribe");
  if (topics.empty()) throw ArgumentError("subscribe: expected topics, got none");
  const std::lock_guard lock(state_->mutex);
  state_->topics = std::move(topics);
  state_->subscribed = true;
  state_->refused.reset();
  state_->last_beat_ms = 0;
  state_->last_poll_ms = EventLoop::now_ms();
}

std::optional<LocalMember::Step> LocalMember::poll() {
  check("poll");
  State& state = *state_;
  bool beats = false;
  bool starts = false;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.subscribed) return std::nullopt;
    if (state.refused) throw StateError(*state.refused);
    const int64_t now_ms = EventLoop::now_ms();
    state.last_poll_ms = now_ms;
    beats = !state.waits && now_ms - state.last_beat_ms >= kPollBeatMs;
    starts = !state.has_timer;
    state.has_timer = true;
  }
  if (starts)
    state.loop.post([weak = state.weak_from_this()] {
      if (const auto self = weak.lock()) self->keep_alive();
    });
  if (beats) state.beat();
  const std::lock_guard lock(state.mutex);
  if (state.refused) throw StateError(*state.refused);
  if (!state.subscribed || !state.wanted) return std::nullopt;
  Step step = state.step_to(*state.wanted, state.is_lost);
  if (step.give_up.empty() && step.take.empty()) {
    state.wanted.reset();
    state.is_lost = false;
    return std::nullopt;
  }
  state.step = state.wanted;
  state.step_is_lost = state.is_lost;
  return step;
}

void LocalMember::gave_up() {
  const std::lock_guard lock(state_->mutex);
  if (!state_->step) return;
  std::erase_if(state_->owned, [&](const auto& place) { return !state_->step->contains(place); });
  if (state_->step_is_lost) state_->is_lost = false;  // not when it was lost only since then
  state_->last_beat_ms = 0;                           // the group is told with the next poll
}

void LocalMember::took() {
  const std::lock_guard lock(state_->mutex);
  if (!state_->step) return;
  state_->owned = std::move(*state_->step);
  state_->step.reset();
  state_->last_beat_ms = 0;
}

void LocalMember::leave() {
  check("unsubscribe");
  State& state = *state_;
  const std::lock_guard one(state.sending);
  Request request;
  request.group_id = state.options.group_id;
  request.member_id = state.member_id;
  request.member_epoch = state.options.instance_id ? Request::kLeaveStatic : Request::kLeave;
  request.instance_id = state.options.instance_id;
  {
    const std::lock_guard lock(state.mutex);
    const bool is_member = state.subscribed && (state.epoch != Request::kJoin || state.waits);
    state.subscribed = state.is_lost = false;
    state.epoch = Request::kJoin;
    state.owned.clear();
    state.wanted.reset();
    state.step.reset();
    state.refused.reset();
    if (!is_member) return;
  }
  state.groups.consumer_heartbeat(kClient, request, {});
}

void LocalMember::commit(const std::map<Key, int64_t>& offsets) {
  check("commit");
  LocalCommitResult result;
  for (int i = 0; i < kMaxStaleCommits; ++i) {
    result = commit_offsets(state_->groups, state_->committer(), offsets);
    if (result.error != ErrorCode::kStaleMemberEpoch) break;
    state_->beat();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto& [topic, partition] = result.key;
  switch (result.error) {
    case ErrorCode::kNone:
      return;
    case ErrorCode::kUnknownTopicOrPartition:
      static_cast<void>(state_->store.find_topic(topic));  // throws when the log is closed
      throw NotFoundError(message("commit: no partition ", partition, " of topic \"", topic, "\""));
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kStaleMemberEpoch:
    case ErrorCode::kFencedMemberEpoch:
    case ErrorCode::kIllegalGeneration:
      throw StateError(message("commit: the consumer is no longer a member of group \"",
                               state_->options.group_id,
                               "\", or the group has others: ", error_name(result.error)));
    case ErrorCode::kCoordinatorNotAvailable:
      throw IoError(message("commit: offsets of group \"", state_->options.group_id,
                            "\" could not be written"));
    default:
      throw StateError(
          message("commit: group \"", state_->options.group_id, "\": ", error_name(result.error)));
  }
}

std::map<LocalMember::Key, std::optional<int64_t>> LocalMember::committed(
    const std::vector<Key>& keys, bool stable) {
  check("committed");
  return committed_offsets(state_->groups, state_->options.group_id, keys, stable);
}

}  // namespace cne::kafka
