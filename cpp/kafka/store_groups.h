#pragma once

#include <cstdint>
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

/// The groups of a log: their coordinator, and what connects it to the log and to the thread that
/// keeps its time.
///
/// A store has them once, whoever uses it: its brokers and the consumers of this process are
/// members of the same groups. They end with the last who holds them. The store must outlive them.
class StoreGroups {
 public:
  /// Those of a store; when nobody has them yet they are read, and time begins to run. The settings
  /// of a broker apply from now on. Throws CorruptionError, IoError; StateError in a forked child
  /// of the process that has them.
  static std::shared_ptr<StoreGroups> of(log::TopicStore& store, const BrokerConfig* config);

  StoreGroups(const StoreGroups&) = delete;
  StoreGroups& operator=(const StoreGroups&) = delete;
  ~StoreGroups();

  GroupCoordinator& coordinator() { return *coordinator_; }
  log::TopicStore& store() { return store_; }
  /// Where those who are in a group may wait for something.
  const LoopHandle& loop() const { return handle_; }
  /// Whether this is the process that made them, or a forked child of it.
  bool is_here() const;
  /// The partition of __consumer_offsets that has a group. Throws Error.
  std::shared_ptr<log::PartitionLog> log_of(const std::string& group_id) {
    return log_.open(coordinator_->partition_of(group_id));
  }

 private:
  struct Registry;

  StoreGroups(log::TopicStore& store, const BrokerConfig& config);

  class SteadyClock : public Clock {
   public:
    int64_t now_ms() const override { return EventLoop::now_ms(); }
  };

  log::TopicStore& store_;
  const uint64_t forks_;
  EventLoop loop_;
  const LoopHandle handle_;
  SteadyClock steady_;
  StoreGroupLog log_;
  StoreGroupTopics topics_;
  std::shared_ptr<GroupCoordinator> coordinator_;
};

}  // namespace cne::kafka
