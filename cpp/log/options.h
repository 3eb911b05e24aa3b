#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>

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
enum class FsyncPolicy : uint8_t { kAlways, kInterval, kNone };

/// What tells a topic from another one of the same name, before and after it.
using TopicId = std::array<uint8_t, 16>;

enum class TimestampType : uint8_t { kCreateTime, kLogAppendTime };
/// kProducer keeps what the client chose; the others follow the numbers of core/codec.h.
enum class Compression : uint8_t { kProducer, kNone, kGzip, kSnappy, kLz4, kZstd };

/// What a topic was created with, and its settings: Kafka's, each under the name that the comment
/// gives. `topic_config.h` reads and prints them by those names.
struct TopicConfig {
  static constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

  int32_t partitions = 1;
  TopicId id{};
  /// Which settings were given, by their place in topic_settings(); the others are defaults.
  std::bitset<64> set;

  bool cleanup_delete = true;                            // cleanup.policy
  bool cleanup_compact = false;                          //   the same
  bool cleanup_delete_first = false;                     //   which of both is named first
  Compression compression = Compression::kProducer;      // compression.type
  int64_t delete_retention_ms = 86'400'000;              // delete.retention.ms
  int64_t file_delete_delay_ms = 60'000;                 // file.delete.delay.ms
  int64_t flush_messages = kEver;                        // flush.messages
  int64_t flush_ms = kEver;                              // flush.ms
  FsyncPolicy fsync = FsyncPolicy::kInterval;            // fsync: ours
  int64_t index_interval_bytes = 4096;                   // index.interval.bytes
  int64_t max_compaction_lag_ms = kEver;                 // max.compaction.lag.ms
  int64_t max_message_bytes = 1'048'588;                 // max.message.bytes
  int64_t timestamp_before_max_ms = kEver;               // message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3'600'000;            // message.timestamp.after.max.ms
  TimestampType timestamp = TimestampType::kCreateTime;  // message.timestamp.type
  double min_cleanable_dirty_ratio = 0.5;                // min.cleanable.dirty.ratio
  int64_t min_compaction_lag_ms = 0;                     // min.compaction.lag.ms
  int64_t min_insync_replicas = 1;                       // min.insync.replicas
  bool preallocate = false;                              // preallocate
  int64_t retention_bytes = -1;                          // retention.bytes, of each partition
  int64_t retention_ms = -1;                             // retention.ms; -1: for ever
  int64_t segment_bytes = 256 << 20;                     // segment.bytes
  int64_t segment_index_bytes = 10 << 20;                // segment.index.bytes
  int64_t segment_jitter_ms = 0;                         // segment.jitter.ms
  int64_t segment_ms = kEver;                            // segment.ms
  bool unclean_leader_election = false;                  // unclean.leader.election.enable
};

/// How a store is opened.
struct LogOptions {
  FsyncPolicy fsync = FsyncPolicy::kInterval;
  int64_t fsync_interval_ms = 1000;
  bool read_only = false;
  /// Cuts a partition at the first corrupt batch instead of throwing CorruptionError.
  bool repair = false;
  const Clock* clock = &system_clock();
  /// How often a thread applies limits of time and size, and compacts; 0: only when it is asked to.
  int64_t housekeeping_interval_ms = 300'000;
  /// How often it looks for partitions that are worth a compaction, also between these times; 0: no
  /// more often.
  int64_t compaction_interval_ms = 15'000;
  /// Producers without an open transaction are forgotten when they were not seen for so long.
  int64_t producer_expiration_ms = 86'400'000;
  /// How many files of fsync=always are synced at the same time.
  size_t sync_threads = 8;
  /// The settings of topics that do not have their own; its `fsync` is taken from above.
  TopicConfig topic_defaults = {};
};

}  // namespace cne::log
