#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/broker_config.h"
#include "kafka/event_loop.h"
#include "kafka/group_coordinator.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// Groups over the real topic __consumer_offsets, which is created when the first group writes.
class StoreGroupLog : public GroupLog {
 public:
  /// `post` runs a task on a thread of the broker; acknowledgements that come late are told there.
  StoreGroupLog(log::TopicStore& store, int32_t partitions,
                std::function<void(std::function<void()>)> post);

  int32_t partitions() override { return partitions_; }
  std::optional<int64_t> append(int32_t partition, ByteBuffer batches) override;
  void when_acknowledged(int32_t partition, int64_t next_offset,
                         std::function<void(bool ok)> done) override;
  void read(int32_t partition,
            const std::function<void(const uint8_t* batches, size_t size)>& take) override;

 private:
  std::shared_ptr<log::PartitionLog> find(int32_t partition);

  log::TopicStore& store_;
  int32_t partitions_;
  std::function<void(std::function<void()>)> post_;
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
  ~BrokerGroups();

  /// Reads what is known of groups. Before the first request.
  void load();
  GroupCoordinator& coordinator() { return *coordinator_; }

 private:
  class SteadyClock : public Clock {
   public:
    int64_t now_ms() const override { return EventLoop::now_ms(); }
  };

  struct Thread;

  std::shared_ptr<Thread> thread_;
  SteadyClock steady_;
  StoreGroupLog log_;
  StoreGroupTopics topics_;
  std::shared_ptr<GroupCoordinator> coordinator_;
};

}  // namespace cne::kafka
