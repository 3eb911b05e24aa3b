#include "kafka/store_groups.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/fork_guard.h"
#include "kafka/topics.h"
#include "log/append.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

constexpr int64_t kReadBytes = int64_t{4} << 20;

GroupConfig group_config(const BrokerConfig& config) {
  GroupConfig out;
  out.min_session_timeout_ms = config.group_min_session_timeout_ms;
  out.max_session_timeout_ms = config.group_max_session_timeout_ms;
  out.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
  out.max_size = config.group_max_size;
  out.consumer_session_timeout_ms = config.group_consumer_session_timeout_ms;
  out.consumer_heartbeat_interval_ms =
      static_cast<int32_t>(config.group_consumer_heartbeat_interval_ms);
  out.consumer_max_size = config.group_max_size;
  out.offsets_retention_ms = config.offsets_retention_minutes * 60'000;
  out.offset_metadata_max_bytes = config.offset_metadata_max_bytes;
  return out;
}

/// What `look` finds in the store; nothing when that is closed, as the time of groups may go on.
template <typename Look>
auto while_open(Look look) -> decltype(look()) {
  try {
    return look();
  } catch (const StateError&) {
    return {};
  }
}

GroupTopics::Topic topic_of(const log::TopicStore::TopicInfo& info) {
  return {info.name, Uuid{info.config->id}, static_cast<int32_t>(info.partitions.size())};
}

}  // namespace

StoreGroupLog::StoreGroupLog(log::TopicStore& store, int32_t partitions, LoopHandle loop)
    : store_(store), partitions_(partitions), loop_(std::move(loop)) {
  if (const auto info = store_.find_topic(std::string(kOffsetsTopic)))
    partitions_ = static_cast<int32_t>(info->partitions.size());
}

std::shared_ptr<log::PartitionLog> StoreGroupLog::find(int32_t partition) {
  const auto info = while_open([&] { return store_.find_topic(std::string(kOffsetsTopic)); });
  const auto index = static_cast<size_t>(partition);
  return info && index < info->partitions.size() ? info->partitions[index] : nullptr;
}

std::shared_ptr<log::PartitionLog> StoreGroupLog::open(int32_t partition) {
  if (auto log = find(partition)) return log;
  const std::lock_guard lock(create_mutex_);
  log::TopicConfig config;
  config.partitions = partitions_;
  log::set_setting(config, "cleanup.policy", "compact", "groups");
  log::set_setting(config, "compression.type", "producer", "groups");
  log::set_setting(config, "segment.bytes", "104857600", "groups");
  store_.create_topic(std::string(kOffsetsTopic), config, true);
  return find(partition);
}

std::optional<int64_t> StoreGroupLog::append(int32_t partition, ByteBuffer batches,
                                             std::optional<uint64_t> verification) {
  try {
    const auto log = open(partition);
    if (!log) return std::nullopt;
    log::ForeignAppend how;
    how.origin = log::AppendOrigin::kCoordinator;
    how.leader_epoch = kLeaderEpoch;
    how.verify = verification.has_value();
    how.verification = verification.value_or(0);
    const auto outcome = log->append_foreign(batches.data(), batches.size(), how);
    if (!outcome.ok()) return std::nullopt;
    return outcome.next_offset;
  } catch (const Error&) {
    return std::nullopt;  // the disk, most likely
  }
}

void StoreGroupLog::when_acknowledged(int32_t partition, int64_t next_offset,
                                      std::function<void(bool ok)> done) {
  const auto log = find(partition);
  if (!log) return done(false);
  loop_.when_acknowledged(*log, next_offset, std::move(done));
}

void StoreGroupLog::read(int32_t partition,
                         const std::function<void(const uint8_t*, size_t)>& take) {
  const auto log = find(partition);
  if (!log) return;
  int64_t offset = log->start_offset();
  while (offset < log->end_offset()) {
    const auto runs = log->read_batches(offset, kReadBytes);
    if (runs.empty()) return;  // what follows was compacted away
    for (const log::BatchRun& run : runs) {
      const uint8_t* from = run.bytes.data();
      take(from, run.bytes.size());
      for (size_t at = 0; at < run.bytes.size();) {
        const log::BatchHeader header = log::read_header(from + at);
        offset = std::max(offset, header.next_offset());
        at += header.size();
      }
    }
  }
}

std::optional<GroupTopics::Topic> StoreGroupTopics::find(const std::string& name) {
  const auto info = while_open([&] { return store_.find_topic(name); });
  return info ? std::optional(topic_of(*info)) : std::nullopt;
}

std::optional<GroupTopics::Topic> StoreGroupTopics::find(const Uuid& id) {
  const auto info = while_open([&] { return store_.topic_by_id(id.bytes); });
  return info ? std::optional(topic_of(*info)) : std::nullopt;
}

std::vector<std::string> StoreGroupTopics::names() {
  std::vector<std::string> names = while_open([&] { return store_.topics(); });
  std::erase_if(names, [](const std::string& name) { return is_internal(name); });
  return names;
}

/// Who has the groups of a store: as long as the last ones end there are no others.
struct StoreGroups::Registry {
  struct Entry {
    std::weak_ptr<StoreGroups> groups;
    int alive = 0;
    uint64_t forks = 0;
  };
  static Registry& get() {
    static Registry registry;
    return registry;
  }
  static void end(StoreGroups* groups) {
    const log::TopicStore* store = &groups->store();
    delete groups;
    Registry& registry = get();
    {
      const std::lock_guard lock(registry.mutex);
      registry.all.erase(store);
    }
    registry.ended.notify_all();
  }

  std::mutex mutex;
  const ForkGuard guard{mutex};
  std::condition_variable ended;
  std::map<const log::TopicStore*, Entry> all;
};

StoreGroups::StoreGroups(log::TopicStore& store, const BrokerConfig& config)
    : store_(store),
      forks_(fork_count()),
      handle_(loop_),
      log_(store, config.offsets_topic_num_partitions, handle_),
      topics_(store),
      coordinator_(std::make_shared<GroupCoordinator>(
          group_config(config), log_, topics_,
          GroupCoordinator::Clocks{&steady_, store.options().clock})) {
  coordinator_->load();
  coordinator_->on_wake([loop = handle_, weak = std::weak_ptr(coordinator_)](int64_t at_ms) {
    loop.after(std::max<int64_t>(at_ms - EventLoop::now_ms(), 0), [weak] {
      if (const auto groups = weak.lock()) groups->tick();
    });
  });
  loop_.start();
}

StoreGroups::~StoreGroups() {
  if (!is_here()) {
    // The mutexes of what it shares may be held, for ever.
    static_cast<void>(std::make_unique<decltype(coordinator_)>(std::move(coordinator_)).release());
    return;
  }
  handle_.forget();
  loop_.stop();
}

bool StoreGroups::is_here() const { return forks_ == fork_count(); }

std::shared_ptr<StoreGroups> StoreGroups::of(log::TopicStore& store, const BrokerConfig* config) {
  Registry& registry = Registry::get();
  std::unique_lock lock(registry.mutex);
  for (;;) {
    Registry::Entry& entry = registry.all[&store];
    if (entry.alive > 0 && entry.forks != fork_count())
      throw StateError("groups: the log was opened before a fork of the process");
    if (auto groups = entry.groups.lock()) {
      lock.unlock();
      if (config != nullptr) groups->coordinator().configure(group_config(*config));
      return groups;
    }
    if (entry.alive == 0) break;
    registry.ended.wait(lock);  // the last ones are about to end
  }
  // Its constructor is not for others.
  std::shared_ptr<StoreGroups> groups(
      new StoreGroups(store, config != nullptr ? *config : BrokerConfig()), &Registry::end);
  registry.all[&store] = {groups, 1, fork_count()};
  return groups;
}

}  // namespace cne::kafka
