#pragma once

#include <atomic>
#include <cstdint>
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
#include "log/options.h"
#include "log/partition_log.h"
#include "log/producer.h"

namespace cne::log {

/// A directory of topics, each of one or more partitions:
///
///   <path>/lock                             held while open for writing
///   <path>/topics/<topic>/topic.config      what it was created with
///   <path>/topics/<topic>/<partition>/      segments: .log, .index, .timeindex
///
/// One process may have it open for writing; any number may read beside it (`read_only`) and see
/// whole batches as soon as they are in the files, those too that a call that fails takes back. A
/// forked child opens it anew: there every call throws StateError, and closing writes nothing.
/// Thread safe: see PartitionLog for readers beside a writer.
class TopicStore {
 public:
  /// Opens or creates the directory and recovers every partition. Throws LockedError when another
  /// process has it open for writing, CorruptionError as recover_partition, NotFoundError when it
  /// is to be read only and is not there.
  explicit TopicStore(std::string path, LogOptions options = {});
  ~TopicStore();

  const std::string& path() const { return path_; }
  bool closed() const { return closed_.load(); }
  const LogOptions& options() const { return options_; }

  /// Names have 1 to 249 letters, digits, '.', '_' and '-', but are not "." or "..". Throws
  /// ArgumentError for a bad name or config, or when the topic is there and not `exist_ok`. With
  /// `exist_ok` an existing topic stays as it was created.
  void create_topic(const std::string& name, const TopicConfig& config, bool exist_ok = false);
  std::vector<std::string> topics();
  TopicConfig config(const std::string& topic);
  int32_t partitions(const std::string& topic);

  /// Appends the rows of a table; see producer.h.
  std::vector<Appended> produce(const std::string& topic, const Table& table,
                                const ProduceOptions& options);
  Table read(const std::string& topic, int32_t partition, int64_t offset, int64_t max_bytes);
  int64_t start_offset(const std::string& topic, int32_t partition);
  int64_t end_offset(const std::string& topic, int32_t partition);
  int64_t offset_for_timestamp(const std::string& topic, int32_t partition, int64_t timestamp_ms);
  /// The partition itself; it lives as long as the store. Throws NotFoundError.
  PartitionLog& partition(const std::string& topic, int32_t partition, const char* function);

  /// Forces everything acknowledged to the disk.
  void flush();
  /// Applies the limits of every topic now; it also happens when a segment is closed. Returns how
  /// many segments were removed.
  int64_t enforce_retention();
  /// What opening had to mend, over all partitions.
  std::vector<RecoveryNote> recovery_notes();
  /// Flushes, writes indexes and releases the directory. Every call after it but `close` throws
  /// StateError.
  void close();

 private:
  struct Topic {
    TopicConfig config;
    std::vector<std::unique_ptr<PartitionLog>> partitions;
    std::atomic<uint32_t> sticky{0};
  };
  Topic& topic(const std::string& name, const char* function);
  void check_open(const char* function) const;
  bool is_forked() const;
  void load_topics();
  std::unique_ptr<Topic> load_topic(const std::string& name);
  std::vector<Topic*> all_topics();
  void flush_quietly();

  std::string path_;
  LogOptions options_;
  std::optional<DirectoryLock> lock_;
  std::mutex mutex_;  // guards the map; topics are never removed from it
  const ForkGuard over_forks_{mutex_};
  std::map<std::string, std::unique_ptr<Topic>> topics_;
  std::atomic<bool> closed_{false};
  const int owner_;  // process id
  std::unique_ptr<Flusher> flusher_;
};

}  // namespace cne::log
