#include "kafka/messages/fetch.h"

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using PartitionResponse = FetchResponse::Partition;
using Targets = std::list<FetchTarget>;

/// A fetch until it is answered: at once, or when records come, or when its time is over.
struct Fetch {
  Broker& broker;
  CallPtr call;
  FetchRequest request;
  std::shared_ptr<FetchSession> session;  // null: none, all of it is in `own`
  bool incremental = false;
  Targets own;

  Targets& targets() { return session ? session->targets() : own; }
};

struct Read {
  Targets::iterator target;
  PartitionResponse response;
  size_t bytes = 0;
  std::shared_ptr<log::PartitionLog> log;  // null: there is none
  int64_t next_offset = 0;                 // behind what was read
};

/// Each partition once: where it is named first, as it is named last, as Kafka has it.
std::vector<FetchTarget> asked_for(const FetchRequest& request) {
  std::vector<FetchTarget> out;
  std::map<std::tuple<std::string_view, Uuid, int32_t>, size_t> places;
  for (const auto& topic : request.topics)
    for (const auto& partition : topic.partitions) {
      FetchTarget target;
      target.topic = topic.name;
      target.topic_id = topic.topic_id;
      target.index = partition.index;
      target.offset = partition.fetch_offset;
      target.max_bytes = partition.max_bytes;
      target.leader_epoch = partition.current_leader_epoch;
      const auto [place, fresh] =
          places.try_emplace({topic.name, topic.topic_id, partition.index}, out.size());
      if (fresh)
        out.push_back(std::move(target));
      else
        out[place->second] = std::move(target);
    }
  return out;
}

ErrorCode error_of(log::ReadFault::Kind kind) {
  switch (kind) {
    case log::ReadFault::Kind::kOutOfRange:
      return ErrorCode::kOffsetOutOfRange;
    case log::ReadFault::Kind::kCorrupt:
      return ErrorCode::kCorruptMessage;
    case log::ReadFault::Kind::kClosed:
      return ErrorCode::kUnknownTopicOrPartition;
    case log::ReadFault::Kind::kStorage:
      break;
  }
  return ErrorCode::kKafkaStorageError;
}

void begin_response(const FetchTarget& target, ErrorCode error, PartitionResponse& response) {
  response.index = target.index;
  response.error = error;
  response.high_watermark = -1;
  response.records.null = false;
}

void read(Broker& broker, const Call& call, const FetchTarget& target, bool committed,
          int64_t max_bytes, Read& read) {
  PartitionResponse& response = read.response;
  const FoundPartition found = find_partition(broker, call, AclOperation::kRead, target.topic,
                                              target.topic_id, target.index);
  begin_response(target, found.log ? check_leader_epoch(target.leader_epoch) : found.error,
                 response);
  if (response.error != ErrorCode::kNone) return;
  auto view =
      found.log->view(target.offset, std::min<int64_t>(target.max_bytes, max_bytes), committed);
  if (!view) {
    response.error = error_of(view.error().kind);
    return;
  }
  response.high_watermark = view->bounds.high_watermark;
  response.last_stable_offset = view->bounds.last_stable_offset;
  response.log_start_offset = view->bounds.start_offset;
  if (committed) {
    auto& aborted = response.aborted_transactions.emplace();
    for (const auto& each : view->aborted) {
      auto& out = aborted.emplace_back();
      out.producer_id = each.producer_id;
      out.first_offset = each.first_offset;
    }
  }
  read.log = found.log;
  read.next_offset = view->next_offset;
  response.records.slices = std::move(view->slices);
  for (const FileSlice& slice : response.records.slices) read.bytes += slice.size;
}

/// Whether an incremental response has to name the partition.
bool is_news(const Read& read) {
  const FetchTarget& target = *read.target;
  return read.bytes > 0 || read.response.error != ErrorCode::kNone || target.told_error ||
         read.response.high_watermark != target.told_high_watermark ||
         read.response.log_start_offset != target.told_start_offset;
}

void answer(Fetch& fetch, std::vector<Read>& reads) {
  FetchResponse response;
  response.session_id = fetch.session ? fetch.session->id() : 0;
  std::map<std::pair<std::string, Uuid>, size_t> places;
  int64_t bytes = 0;
  for (Read& read : reads) {
    FetchTarget& target = *read.target;
    if (fetch.incremental && !is_news(read)) continue;
    target.told_high_watermark = read.response.high_watermark;
    target.told_start_offset = read.response.log_start_offset;
    target.told_error = read.response.error != ErrorCode::kNone;
    const auto [place, fresh] =
        places.try_emplace({target.topic, target.topic_id}, response.topics.size());
    if (fresh) {
      auto& topic = response.topics.emplace_back();
      topic.name = target.topic;
      topic.topic_id = target.topic_id;
    }
    bytes += static_cast<int64_t>(read.bytes);
    if (read.log && read.bytes > 0) {
      read.log->counters().bytes_out.add(static_cast<int64_t>(read.bytes));
      read.log->counters().records_out.add(read.next_offset - target.offset);
    }
    response.topics[place->second].partitions.push_back(std::move(read.response));
    if (fetch.session && read.bytes > 0) fetch.session->move_last(read.target);
  }
  fetch.broker.metrics().record_bytes_out.add(bytes);
  response.throttle_time_ms =
      fetch.broker.quotas().charge(*fetch.call, kConsumerByteRate, static_cast<size_t>(bytes));
  fetch.call->reply(response);
}

/// Reads all partitions; answers when there is enough or `last`.
bool attempt(Fetch& fetch, bool last) {
  std::unique_lock<std::mutex> lock;
  if (fetch.session) lock = std::unique_lock(fetch.session->mutex);
  const bool committed = fetch.request.isolation_level == 1;
  int64_t left = std::min<int64_t>(fetch.request.max_bytes, fetch.broker.config().fetch_max_bytes);
  int64_t total = 0;
  bool failed = false;
  std::vector<Read> reads;
  Targets& targets = fetch.targets();
  for (auto it = targets.begin(); it != targets.end(); ++it) {
    Read& one = reads.emplace_back();
    one.target = it;
    try {
      read(fetch.broker, *fetch.call, *it, committed, std::max<int64_t>(left, 0), one);
    } catch (const std::exception&) {  // of this partition alone
      one = Read();
      one.target = it;
      begin_response(*it, ErrorCode::kUnknownServerError, one.response);
    }
    failed |= one.response.error != ErrorCode::kNone;
    // A partition gives at least one batch; only the first one may pass the limit by it.
    if (total > 0 && static_cast<int64_t>(one.bytes) > left) {
      one.response.records.slices.clear();
      one.bytes = 0;
    }
    total += static_cast<int64_t>(one.bytes);
    left -= static_cast<int64_t>(one.bytes);
  }
  if (!last && !failed && total < fetch.request.min_bytes && !reads.empty()) return false;
  answer(fetch, reads);
  return true;
}

/// Sets the session that the request asks for (KIP-227). False when it was answered with an error.
bool begin_session(Fetch& fetch) {
  const FetchRequest& request = fetch.request;
  auto& sessions = fetch.broker.fetch_sessions();
  const std::string& owner = fetch.call->peer().principal;
  const auto asked = asked_for(request);
  const int64_t now_ms = EventLoop::now_ms();
  if (request.session_epoch <= 0) {  // names everything: 0 wants a session, -1 none
    if (request.session_id != 0) sessions.remove(request.session_id, owner);
    if (request.session_epoch == 0 && fetch.call->version() >= 7)
      fetch.session = sessions.create(owner, now_ms);
    if (fetch.session) {
      fetch.session->update(asked);
    } else {
      fetch.own.assign(asked.begin(), asked.end());
    }
    return true;
  }
  auto [session, error] = sessions.find(request.session_id, request.session_epoch, owner, now_ms);
  if (!session) {
    FetchResponse response;
    response.error = error;
    fetch.call->reply(response);
    return false;
  }
  const std::lock_guard lock(session->mutex);
  session->update(asked);
  for (const auto& topic : request.forgotten_topics)
    for (const int32_t index : topic.partitions) session->forget(topic.name, topic.topic_id, index);
  fetch.session = std::move(session);
  fetch.incremental = true;
  return true;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, FetchRequest&& request) {
  call->allow_wait_ms(request.max_wait_ms);
  auto fetch = std::make_shared<Fetch>(broker, call, std::move(request));
  if (!begin_session(*fetch) || attempt(*fetch, fetch->request.max_wait_ms <= 0)) return;
  std::vector<std::shared_ptr<log::PartitionLog>> partitions;
  {
    std::unique_lock<std::mutex> lock;
    if (fetch->session) lock = std::unique_lock(fetch->session->mutex);
    for (const FetchTarget& target : fetch->targets())
      if (auto found = find_partition(broker.store(), target.topic, target.topic_id, target.index);
          found.log)
        partitions.push_back(std::move(found.log));
  }
  const auto try_again = [fetch](bool last) {
    try {
      return attempt(*fetch, last);
    } catch (const std::exception& failure) {
      fetch->call->hang_up(failure.what());
      return true;
    }
  };
  call->on_abandon(broker.fetch_waiters().wait(call->loop(), fetch->request.max_wait_ms,
                                               std::move(partitions), try_again));
}

}  // namespace cne::kafka
