#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "kafka/consumer_protocol.h"
#include "kafka/group_coordinator.h"
#include "log/record_batch.h"
#include "log/record_encoder.h"

namespace cne::kafka {

/// The log of groups in memory. Acknowledgements come at once, or when they are released.
class FakeGroupLog : public GroupLog {
 public:
  explicit FakeGroupLog(int32_t partitions = 3) : bytes_(static_cast<size_t>(partitions)) {
    ends_.resize(bytes_.size());
  }
  bool hold = false;    // acknowledgements wait for `release`
  bool broken = false;  // appends fail
  size_t appends = 0;

  int32_t partitions() override { return static_cast<int32_t>(bytes_.size()); }
  std::optional<int64_t> append(int32_t partition, ByteBuffer batches,
                                std::optional<uint64_t>) override {
    if (broken) return std::nullopt;
    ++appends;
    auto& end = ends_[static_cast<size_t>(partition)];
    for (size_t at = 0; at < batches.size();) {
      const auto header = log::check_batch(batches.data() + at, batches.size() - at);
      if (!header) throw std::runtime_error("a batch that is none");
      log::patch_base_offset(batches.data() + at, end);
      end += header.value().last_offset_delta + 1;
      at += header.value().size();
    }
    bytes_[static_cast<size_t>(partition)].append(batches.view());
    return end;
  }
  void when_acknowledged(int32_t, int64_t, std::function<void(bool)> done) override {
    if (hold)
      waiting_.push_back(std::move(done));
    else
      done(true);
  }
  void read(int32_t partition, const std::function<void(const uint8_t*, size_t)>& take) override {
    const std::string& all = bytes_[static_cast<size_t>(partition)];
    take(reinterpret_cast<const uint8_t*>(all.data()), all.size());
  }
  void release(bool ok = true) {
    while (!waiting_.empty()) {
      const auto done = std::move(waiting_.front());
      waiting_.pop_front();
      done(ok);
    }
  }
  /// Ends a transaction as a coordinator does it: a control batch.
  void mark(int32_t partition, int64_t producer_id, bool committed) {
    log::RecordEncoder encoder;
    const char key[] = {0, 0, 0, static_cast<char>(committed)};
    encoder.add(0, std::string_view(key, 4), std::string_view("\0\0\0\0\0\0", 6));
    encoder.finish();
    ByteBuffer batch = std::move(encoder.bytes());
    log::BatchHeader header = log::read_header(batch.data());
    header.attributes = 16 | 32;
    header.producer_id = producer_id;
    header.producer_epoch = 0;
    log::write_header(header, batch.data());
    log::seal_batch(batch.data(), batch.size());
    append(partition, std::move(batch), {});
  }

 private:
  std::vector<std::string> bytes_;
  std::vector<int64_t> ends_;
  std::deque<std::function<void(bool)>> waiting_;
};

class FakeTopics : public GroupTopics {
 public:
  void set(const std::string& name, int32_t partitions) {
    Topic& topic = topics_[name];
    topic.name = name;
    topic.partitions = partitions;
    if (topic.id.is_zero()) topic.id.bytes[0] = ++last_id_;
    ++version_;
  }
  void remove(const std::string& name) {
    topics_.erase(name);
    ++version_;
  }
  Uuid id(const std::string& name) { return topics_.at(name).id; }
  std::optional<Topic> find(const std::string& name) override {
    const auto found = topics_.find(name);
    return found == topics_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Topic> find(const Uuid& id) override {
    for (const auto& [name, topic] : topics_)
      if (topic.id == id) return topic;
    return std::nullopt;
  }
  std::vector<std::string> names() override {
    std::vector<std::string> out;
    for (const auto& [name, topic] : topics_) out.push_back(name);
    return out;
  }
  uint64_t version() override { return version_; }

 private:
  std::map<std::string, Topic> topics_;
  uint8_t last_id_ = 0;
  uint64_t version_ = 0;
};

/// What a reply will be put into.
template <typename Response>
class Answer {
 public:
  GroupReply<Response> reply() {
    return [slot = slot_](const Response& response) {
      if (*slot) throw std::runtime_error("answered twice");
      *slot = response;
    };
  }
  bool there() const { return slot_->has_value(); }
  const Response* operator->() const { return &slot_->value(); }
  const Response& operator*() const { return slot_->value(); }

 private:
  std::shared_ptr<std::optional<Response>> slot_ = std::make_shared<std::optional<Response>>();
};

/// A coordinator with its surroundings; time moves by hand and meets every deadline on its way.
struct GroupWorld {
  explicit GroupWorld(int64_t delay_ms = 0) {
    config.initial_rebalance_delay_ms = delay_ms;
    config.make_uuid = [this] { return std::to_string(++last_uuid); };
    topics.set("a", 4);
    topics.set("b", 2);
    start();
  }

  void start() {
    groups = std::make_shared<GroupCoordinator>(config, log, topics,
                                                GroupCoordinator::Clocks{&steady, &wall});
    groups->load();
  }
  void advance(int64_t by_ms) {
    const int64_t until = steady.now_ms() + by_ms;
    for (int64_t next; (next = groups->next_deadline()) <= until;) {
      move_to(std::max(next, steady.now_ms()));
      groups->tick();
    }
    move_to(until);
  }
  void move_to(int64_t at_ms) {
    wall.advance_ms(at_ms - steady.now_ms());
    steady.set_ms(at_ms);
  }

  ManualClock steady{1'000'000};
  ManualClock wall{1'700'000'000'000};
  FakeGroupLog log;
  FakeTopics topics;
  GroupConfig config;
  int last_uuid = 0;
  std::shared_ptr<GroupCoordinator> groups;
};

inline Bytes subscription(const std::vector<std::string>& topics, int16_t version = 3) {
  ConsumerProtocolSubscription wish;
  wish.topics = topics;
  return {encode_subscription(wish, version)};
}

/// A consumer of the classic protocol: what it knows of itself, and its requests.
struct ClassicConsumer {
  GroupWorld& world;
  std::string group = "g";
  GroupClient client{"client", "/127.0.0.1", 9};
  std::string member_id{};
  std::optional<std::string> instance{};
  int32_t session_ms = 10'000;
  int32_t rebalance_ms = 60'000;
  std::string type = "consumer";
  std::vector<JoinGroupRequest::Protocol> protocols{{"range", subscription({"a"})}};
  int32_t generation = -1;

  Answer<JoinGroupResponse> join() const {
    JoinGroupRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.group_instance_id = instance;
    request.session_timeout_ms = session_ms;
    request.rebalance_timeout_ms = rebalance_ms;
    request.protocol_type = type;
    request.protocols = protocols;
    Answer<JoinGroupResponse> answer;
    world.groups->join_group(client, request, answer.reply());
    return answer;
  }
  /// Takes over what a join brought.
  void take(const Answer<JoinGroupResponse>& joined) {
    member_id = joined->member_id;
    generation = joined->generation_id;
  }
  /// Gets an id first where the version asks for that.
  Answer<JoinGroupResponse> enter() {
    auto answer = join();
    if (answer.there() && answer->error == ErrorCode::kMemberIdRequired) {
      member_id = answer->member_id;
      answer = join();
    }
    return answer;
  }
  Answer<SyncGroupResponse> sync(std::vector<SyncGroupRequest::Assignment> assignments = {}) const {
    SyncGroupRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.group_instance_id = instance;
    request.generation_id = generation;
    request.assignments = std::move(assignments);
    Answer<SyncGroupResponse> answer;
    world.groups->sync_group(request, answer.reply());
    return answer;
  }
  ErrorCode heartbeat() const {
    HeartbeatRequest request{group, generation, member_id, instance};
    Answer<HeartbeatResponse> answer;
    world.groups->heartbeat(request, answer.reply());
    return answer->error;
  }
  Answer<LeaveGroupResponse> leave() const {
    LeaveGroupRequest request;
    request.group_id = group;
    request.members.push_back({member_id, instance, std::nullopt});
    Answer<LeaveGroupResponse> answer;
    world.groups->leave_group(request, answer.reply());
    return answer;
  }
  Answer<OffsetCommitResponse> commit(const std::string& topic, int32_t partition,
                                      int64_t offset) const {
    OffsetCommitRequest request;
    request.group_id = group;
    request.generation_id = generation;
    request.member_id = member_id;
    request.group_instance_id = instance;
    request.topics.push_back({topic, {}, {{partition, offset, 0, "note"}}});
    Answer<OffsetCommitResponse> answer;
    world.groups->offset_commit(client, request, answer.reply());
    return answer;
  }
  ErrorCode commit_error(const std::string& topic, int32_t partition, int64_t offset) const {
    const auto answer = commit(topic, partition, offset);
    return answer->topics.at(0).partitions.at(0).error;
  }
  std::string state() const { return world.groups->describe_group(group, 6).state; }
  int64_t committed(const std::string& topic, int32_t partition) const {
    OffsetFetchRequest::Group request;
    request.group_id = group;
    request.topics = std::vector<OffsetFetchRequest::Topic>{{topic, {}, {partition}}};
    const auto found = world.groups->offset_fetch({"", "", 8}, request, false);
    return found.topics.at(0).partitions.at(0).offset;
  }
};

}  // namespace cne::kafka
