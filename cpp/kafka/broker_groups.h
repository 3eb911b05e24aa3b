#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/broker_config.h"
#include "kafka/event_loop.h"
#include "kafka/group_coordinator.h"
#include "kafka/loop_handle.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// Groups over the real topic __consumer_offsets, which is created when the first group writes.
class StoreGroupLog : public GroupLog {
 public:
  /// Acknowledgements that come late are told on the loop.
  StoreGroupLog(log::TopicStore& store, int32_t partitions, LoopHandle loop);

  int32_t partitions() override { return partitions_; }
  std::optional<int64_t> append(int32_t partition, ByteBuffer batches,
                                std::optional<uint64_t> verification) override;
  void when_acknowledged(int32_t partition, int64_t next_offset,
                         std::function<void(bool ok)> done) override;
  void read(int32_t partition,
            const std::function<void(const uint8_t* batches, size_t size)>& take) override;
  /// The partition itself, for whose sake the topic is created. Throws Error; null: it is closed.
  std::shared_ptr<log::PartitionLog> open(int32_t partition);

 private:
  std::shared_ptr<log::PartitionLog> find(int32_t partition);

  log::TopicStore& store_;
  int32_t partitions_;
  const LoopHandle loop_;
  std::mutex create_mutex_;
};

class StoreGroupTopics : public GroupTopics {
 public:
  explicit StoreGroupTopics(log::TopicStore& store) : store_(store) {}

  std::optional<Topic> find(const std::string& name) override;
  std::optional<Topic> find(const Uuid& id) override;
  /// Without the broker's own topics.
  std::vector<std::string> names() override;
  uint64_t version() override { return store_.version(); }

 private:
  log::TopicStore& store_;
};

/// The groups of a broker: their coordinator, and what connects it to the log and to the loop that
/// keeps its time.
class BrokerGroups {
 public:
  /// `loop` must outlive it; what comes late after that is dropped.
  BrokerGroups(log::TopicStore& store, const BrokerConfig& config, EventLoop& loop);
  BrokerGroups(const BrokerGroups&) = delete;
  BrokerGroups& operator=(const BrokerGroups&) = delete;
  ~BrokerGroups() { loop_.forget(); }

  /// Reads what is known of groups. Before the first request.
  void load();
  GroupCoordinator& coordinator() { return *coordinator_; }
  /// The partition of __consumer_offsets that has a group. Throws Error.
  std::shared_ptr<log::PartitionLog> log_of(const std::string& group_id) {
    return log_.open(coordinator_->partition_of(group_id));
  }

 private:
  class SteadyClock : public Clock {
   public:
    int64_t now_ms() const override { return EventLoop::now_ms(); }
  };

  const LoopHandle loop_;
  SteadyClock steady_;
  StoreGroupLog log_;
  StoreGroupTopics topics_;
  std::shared_ptr<GroupCoordinator> coordinator_;
};

}  // namespace cne::kafka
