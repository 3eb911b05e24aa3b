#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/directory_lock.h"
#include "core/fork_guard.h"
#include "core/table.h"
#include "log/flusher.h"
#include "log/log_context.h"
#include "log/options.h"
#include "log/partition_log.h"
#include "log/producer.h"
#include "log/topic_config.h"

namespace cne::log {

/// A directory of topics, each of one or more partitions:
///
///   <path>/lock                             held while open for writing
///   <path>/topics/<topic>/topic.config      what it was created with, and its settings
///   <path>/topics/<topic>/<partition>/      segments: .log, .index; partition.state
///
/// One process may have it open for writing; any number may read beside it (`read_only`) and see
/// whole batches as soon as they are in the files, those too that a call that fails takes back. A
/// forked child opens it anew: there every call throws StateError, and closing writes nothing.
/// Thread safe: see PartitionLog for readers beside a writer.
class TopicStore {
 public:
  /// A topic as it is at one moment; the partitions live as long as anyone holds them.
  struct TopicInfo {
    std::string name;
    std::shared_ptr<const TopicConfig> config;
    std::vector<std::shared_ptr<PartitionLog>> partitions;
  };

  /// Opens or creates the directory and recovers every partition. Throws LockedError when another
  /// process has it open for writing, CorruptionError as recover_partition, NotFoundError when it
  /// is to be read only and is not there.
  explicit TopicStore(std::string path, LogOptions options = {});
  ~TopicStore();

  const std::string& path() const { return path_; }
  bool closed() const { return closed_.load(); }
  const LogOptions& options() const { return options_; }

  /// Names have 1 to 249 letters, digits, '.', '_' and '-', but are not "." or "..". Settings of
  /// `config` that are set, or are not as in TopicConfig(), are the topic's own. Throws
  /// ArgumentError for a bad name or config, or when the topic is there and not `exist_ok`. With
  /// `exist_ok` an existing topic stays as it was created.
  void create_topic(const std::string& name, const TopicConfig& config, bool exist_ok = false);
  /// Readers and appenders that are at it end as if the partitions had been closed; views stay
  /// readable. Throws NotFoundError.
  void delete_topic(const std::string& name);
  /// Makes it `count` partitions. Throws ArgumentError when it has as many or more already.
  void add_partitions(const std::string& name, int32_t count);
  /// Changes the settings of a topic: `change` edits a copy by set_setting and unset_setting, and
  /// may throw, which leaves everything as it was.
  void alter_config(const std::string& name, const std::function<void(TopicConfig&)>& change);
  /// The settings of topics that do not have their own, from now on.
  void set_topic_defaults(const TopicConfig& defaults);

  std::vector<std::string> topics();
  /// Another number after any topic came, went or changed.
  uint64_t version() const { return version_.load(); }
  /// Null when there is no such topic.
  std::shared_ptr<const TopicInfo> find_topic(const std::string& name);
  std::shared_ptr<const TopicInfo> topic_by_id(const TopicId& id);
  /// Throws NotFoundError.
  TopicId topic_id(const std::string& name);
  TopicConfig config(const std::string& topic);
  int32_t partitions(const std::string& topic);

  /// Appends the rows of a table; see producer.h.
  std::vector<Appended> produce(const std::string& topic, const Table& table,
                                const ProduceOptions& options);
  Table read(const std::string& topic, int32_t partition, int64_t offset, int64_t max_bytes);
  int64_t start_offset(const std::string& topic, int32_t partition);
  int64_t end_offset(const std::string& topic, int32_t partition);
  int64_t offset_for_timestamp(const std::string& topic, int32_t partition, int64_t timestamp_ms);
  /// The partition itself. Throws NotFoundError.
  std::shared_ptr<PartitionLog> partition(const std::string& topic, int32_t partition,
                                          const char* function);
  /// Who is told when readers can see more of a partition.
  AppendListeners& append_listeners() { return context_->listeners; }

  /// How long each sync of a partition's records took, in nanoseconds.
  const Histogram& syncs() const { return context_->syncs; }

  /// Forces everything acknowledged to the disk.
  void flush();
  /// Applies the limits of every topic now; it also happens when a segment is closed. Returns how
  /// many segments were removed.
  int64_t enforce_retention();
  /// What a thread does every housekeeping_interval_ms: the limits of topics, segments that are
  /// older than segment.ms, producers that were not seen for long.
  void keep_house();
  /// How often that is, 0: only when it is asked to; how often compaction is looked for between, 0:
  /// no more often; and after which time a producer is forgotten.
  void set_housekeeping(int64_t interval_ms, int64_t compaction_interval_ms,
                        int64_t producer_expiration_ms);
  /// Partitions that take no more records, or whose housekeeping failed the last time.
  struct Trouble {
    std::string topic;
    int32_t partition = 0;
    std::string what;
  };
  std::vector<Trouble> troubles();
  /// What opening had to mend, over all partitions.
  std::vector<RecoveryNote> recovery_notes();
  /// Flushes, writes indexes and releases the directory. Every call after it but `close` throws
  /// StateError.
  void close();

 private:
  struct Topic {
    TopicInfo info;
    std::shared_ptr<std::atomic<uint32_t>> sticky;
  };
  using TopicPtr = std::shared_ptr<const Topic>;
  TopicPtr topic(const std::string& name, const char* function);
  void check_open(const char* function) const;
  void check_writable(const char* function) const;
  bool is_forked() const;
  std::string directory_of(const std::string& name) const;
  void load_topics();
  TopicPtr load_topic(const std::string& name);
  std::shared_ptr<PartitionLog> load_partition(const std::string& name, int32_t index,
                                               PartitionLog::ConfigPtr config);
  TopicConfig with_defaults(TopicConfig config) const;
  void put(const std::string& name, TopicPtr topic);
  [[noreturn]] void throw_unknown(const std::string& name, const char* function) const;
  std::vector<TopicPtr> all_topics();
  using Partitions = std::vector<std::shared_ptr<PartitionLog>>;
  Partitions all_partitions();
  void sync_together(const Partitions& partitions);
  int64_t tick_ms() const;
  void start_keepers(int64_t interval_ms, int64_t compaction_interval_ms);
  void compact_due();
  void tick();

  std::string path_;
  LogOptions options_;
  std::shared_ptr<LogContext> context_;
  std::optional<DirectoryLock> lock_;
  std::mutex admin_mutex_;  // held over changes of topics; taken before mutex_
  std::mutex mutex_;        // guards what follows
  const ForkGuard over_forks_{mutex_};
  std::map<std::string, TopicPtr, std::less<>> topics_;
  std::map<TopicId, std::string> names_;
  TopicConfig defaults_;
  std::atomic<uint64_t> version_{0};
  std::atomic<bool> closed_{false};
  const int owner_;  // process id
  int64_t last_interval_ms_ = 0;
  int64_t ticks_ = 0;
  std::atomic<int64_t> producer_expiration_ms_{0};
  std::unique_ptr<Flusher> flusher_;
  std::unique_ptr<Flusher> keeper_;
  std::unique_ptr<Flusher> compactor_;
};

}  // namespace cne::log
