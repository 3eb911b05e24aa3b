#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/fork_guard.h"
#include "core/table.h"
#include "feature/lookup_plan.h"
#include "feature/store_file.h"
#include "feature/view.h"
#include "log/flusher.h"

namespace cne::feature {

struct StoreOptions {
  std::string path;  // a directory; empty: in memory
  std::string fsync = "interval";
  int64_t fsync_interval_ms = 100;
  bool read_only = false;
  /// The write-ahead log is folded into a snapshot when it is larger than this and than the last
  /// snapshot.
  int64_t compact_bytes = int64_t{64} << 20;
  bool repair = false;  // cut a damaged log at the damage
};

/// Feature views with their newest rows and their history, in memory or in a directory.
///
/// Any number of threads may look up at any time; writes, history() and changes of the catalog take
/// turns. A write is whole or absent after a crash, online and in history alike, because both are
/// built from one log. While threads look up, a write appears row by row, each row whole.
///
/// A fork waits for the write that is under way. The child has the store as it was then: it looks
/// up and asks history; a store in memory takes its writes too, one of a directory throws
/// StateError, since the files are the parent's.
class FeatureStore : public std::enable_shared_from_this<FeatureStore> {
 public:
  /// Throws LockedError when another store (of any process) has the directory open for writing,
  /// CorruptionError with file and offset when its bytes are damaged.
  static std::shared_ptr<FeatureStore> open(StoreOptions options);
  ~FeatureStore();

  /// With `exist_ok` a view of exactly the same spec is left as it is. Throws ArgumentError when
  /// there is one of another spec, or without `exist_ok`.
  void create_view(const ViewSpec& spec, bool exist_ok);
  void drop_view(const std::string& name);
  /// Specs by name.
  std::vector<ViewSpec> views() const;
  /// Entities that have an online row, and rows of history.
  std::pair<int64_t, int64_t> counts(const std::string& view) const;

  /// Writes all rows of a table (see materialize). Returns how many.
  int64_t write(const std::string& view, const Table& table, const std::string& event_time,
                const std::optional<std::string>& created);
  /// A function that writes tables to a view. It keeps the store alive.
  std::function<void(const Table&)> sink(const std::string& view, const std::string& event_time,
                                         const std::optional<std::string>& created);

  LookupPlan plan(const std::vector<std::string>& refs, const char* function) const;
  /// The features of a plan as they were at the times in a column of `entities`.
  Table history(const LookupPlan& plan, const Table& entities, const std::string& event_time) const;

  /// Makes all writes so far durable.
  void sync();
  /// Folds the write-ahead log into a snapshot and history files now.
  void compact();
  /// Syncs and gives the directory back; later calls throw StateError. Lookups by prepared plans
  /// still work on what is in memory.
  void close();
  bool closed() const;
  /// Bytes of a torn or damaged tail that were cut when the store was opened.
  int64_t recovered_bytes() const;

 private:
  explicit FeatureStore(StoreOptions options);
  std::shared_ptr<View> find(const std::string& name, const char* function) const;
  bool is_forked() const;
  void check_writable(const char* function) const;
  void load();

  StoreOptions options_;
  mutable std::mutex write_lock_;    // order: write_lock_, then catalog_lock_
  mutable std::mutex catalog_lock_;  // guards views_ for the moment of a search or change
  const ForkGuard writes_over_forks_{write_lock_}, catalog_over_forks_{catalog_lock_};
  Catalog views_;
  uint32_t next_id_ = 1;
  bool closed_ = false;
  const int owner_;  // process id
  int64_t recovered_bytes_ = 0;
  std::unique_ptr<StoreFile> disk_;  // none in memory
  std::unique_ptr<log::Flusher> flusher_;
};

}  // namespace cne::feature
