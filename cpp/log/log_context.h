#pragma once

#include <memory>

#include "core/file.h"
#include "core/metrics.h"
#include "log/append_listeners.h"
#include "log/file_pool.h"
#include "log/options.h"
#include "log/worker.h"

namespace cne::log {

/// What all partitions of a store share; it lives as long as any of them.
struct LogContext {
  explicit LogContext(const LogOptions& with)
      : options(with), files(std::make_shared<FilePool>()), committer(with.sync_threads) {}

  const LogOptions options;
  const std::shared_ptr<FilePool> files;
  AppendListeners listeners;
  /// Syncs what waits, and tells who waits. Syncs of different files at the same time are carried
  /// by fewer writes of the file system's journal and fewer flushes of the disk.
  Worker committer;

  /// How long each sync of records took, in nanoseconds.
  Histogram syncs;

  void sync(File& file) {
    const int64_t begin_ns = monotonic_ns();
    file.sync();
    syncs.record(monotonic_ns() - begin_ns);
  }

  /// Readers can see more of a partition.
  void tell(PartitionLog& partition) { listeners.tell(partition); }
};

}  // namespace cne::log
