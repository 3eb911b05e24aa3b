#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/directory_lock.h"
#include "feature/record_file.h"
#include "feature/view.h"

namespace cne::feature {

/// When writes are forced to the disk. Whatever the choice, a write that returned survives the end
/// of the process at any moment; they differ in what a loss of power may take.
enum class Fsync {
  kNone,      // as much as the system had not written: seconds
  kInterval,  // the last so many milliseconds
  kAlways,    // nothing
};
/// "none", "interval" or "always"; ArgumentError otherwise.
Fsync parse_fsync(const std::string& name);

using Catalog = std::map<std::string, std::shared_ptr<View>>;

/// The files of a store in a directory, of one generation n at a time:
///
///   snapshot-n       the catalog, the newest row of each entity, the names of the history files,
///   all
///                    as of the start of wal-n; none for n = 0
///   wal-n            every change since, in order: the truth
///   history-v-n      rows of view v that earlier logs held, in order of writing
///
/// Compaction writes history files, then snapshot-(n+1) under another name and an empty wal-(n+1),
/// and renames the snapshot, which is the moment of change. Files of other generations are removed
/// by the next compaction or opening. Guarded by the store's lock but for flush().
class StoreFile {
 public:
  /// Opens (and without `read_only` locks) a directory. Throws LockedError, IoError.
  StoreFile(std::string directory, Fsync fsync, bool read_only, bool repair);

  /// Rebuilds the views and returns the next free view id. Cuts a torn tail, and with `repair` the
  /// log from its first bad record on. Throws CorruptionError.
  uint32_t load(Catalog& catalog);
  /// Bytes of the log that load() cut (or, reading only, passed over).
  uint64_t torn_bytes() const { return torn_bytes_; }

  /// Logs a change, durably when the policy says so. After an exception it counts as not made.
  void log(RecordType type, const View& view, const Buffer& payload = {});
  /// Does nothing before load().
  void sync() {
    if (wal_ != nullptr) wal_->sync();
  }
  /// For a thread of its own: makes what was logged durable while `lock` is free for others.
  /// Failures are told by the next call of log().
  void flush(std::mutex& lock);

  /// Whether the log is longer than `bytes` and than the snapshot.
  bool wants_compaction(int64_t bytes) const;
  /// Starts the next generation. After an exception the store is as it was, or, when it is unknown
  /// which generation the disk holds, nothing more can be logged.
  void compact(const Catalog& catalog);

 private:
  std::string path_of(const char* kind, uint64_t number) const;
  void load_snapshot(std::map<uint32_t, std::shared_ptr<View>>& views);
  void apply(const Record& record, const std::string& path,
             std::map<uint32_t, std::shared_ptr<View>>& views);
  std::map<uint32_t, HistoryFile> write_histories(const Catalog& catalog, uint64_t generation);
  void write_snapshot(const std::string& path, const Catalog& catalog,
                      const std::map<uint32_t, HistoryFile>& added);
  void remove_others(const Catalog& catalog);

  std::string directory_;
  Fsync fsync_;
  bool read_only_;
  bool repair_;
  std::optional<DirectoryLock> lock_;
  uint64_t generation_ = 0;
  uint64_t snapshot_bytes_ = 0;
  uint64_t torn_bytes_ = 0;
  std::shared_ptr<RecordWriter> wal_;
};

}  // namespace cne::feature
