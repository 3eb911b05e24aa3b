#pragma once

#include <cstdint>

#include "core/clock.h"

namespace cne::log {

/// When written bytes are forced to the disk.
///
/// Under every policy: a write that was acknowledged survives the end of the process, however it
/// ends (kill -9 too), and a segment is synced before the next one is begun. What a crash of the
/// machine may take:
///   kAlways    nothing that was acknowledged, and readers never see what could be lost;
///   kInterval  acknowledged writes of the last fsync_interval_ms (plus the time that one sync
///              takes), always the latest ones of a partition;
///   kNone      acknowledged writes to the last segment of each partition since the last `flush`.
enum class FsyncPolicy { kAlways, kInterval, kNone };

/// How a store is opened.
struct LogOptions {
  FsyncPolicy fsync = FsyncPolicy::kInterval;
  int64_t fsync_interval_ms = 1000;
  bool read_only = false;
  /// Cuts a partition at the first corrupt batch instead of throwing CorruptionError.
  bool repair = false;
  const Clock* clock = &system_clock();
};

/// What a topic was created with.
struct TopicConfig {
  int32_t partitions = 1;
  int64_t segment_bytes = 256 << 20;
  int64_t retention_ms = -1;     // -1: for ever
  int64_t retention_bytes = -1;  // of each partition; -1: without end
};

}  // namespace cne::log
