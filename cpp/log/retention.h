#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "log/options.h"

namespace cne::log {

struct SegmentSize {
  int64_t bytes = 0;
  int64_t max_timestamp = 0;
};

/// How many of the oldest segments are to go, by Kafka's rules:
///
/// - by age: as long as the oldest segment has records and all of them are older than
///   retention_ms; this may take all segments;
/// - by size: as long as the partition without the oldest segment still holds retention_bytes;
///   this never takes the last one.
size_t expired_segments(const std::vector<SegmentSize>& oldest_first, const TopicConfig& config,
                        int64_t now_ms);

}  // namespace cne::log
