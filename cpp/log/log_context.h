#pragma once

#include <memory>

#include "log/append_listeners.h"
#include "log/file_pool.h"
#include "log/options.h"
#include "log/worker.h"

namespace cne::log {

/// What all partitions of a store share; it lives as long as any of them.
struct LogContext {
  explicit LogContext(const LogOptions& with)
      : options(with), files(std::make_shared<FilePool>()) {}

  const LogOptions options;
  const std::shared_ptr<FilePool> files;
  AppendListeners listeners;
  Worker committer;  // syncs what waits, and tells who waits

  /// Readers can see more of a partition.
  void tell(PartitionLog& partition) { listeners.tell(partition); }
};

}  // namespace cne::log
