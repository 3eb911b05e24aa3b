#include "log/retention.h"

#include <algorithm>

namespace cne::log {

namespace {

size_t expired_by_age(const std::vector<SegmentSize>& segments, int64_t retention_ms,
                      int64_t now_ms) {
  size_t count = 0;
  // A compaction may have emptied a segment; the last one is empty when it is new.
  while (count < segments.size() && (segments[count].bytes > 0 || count + 1 < segments.size()) &&
         segments[count].max_timestamp < now_ms - retention_ms)
    ++count;
  return count;
}

size_t expired_by_size(const std::vector<SegmentSize>& segments, int64_t retention_bytes) {
  int64_t total = 0;
  for (const SegmentSize& segment : segments) total += segment.bytes;
  size_t count = 0;
  while (count + 1 < segments.size() && total - segments[count].bytes >= retention_bytes)
    total -= segments[count++].bytes;
  return count;
}

}  // namespace

size_t expired_segments(const std::vector<SegmentSize>& oldest_first, const TopicConfig& config,
                        int64_t now_ms) {
  size_t count = 0;
  if (config.retention_ms >= 0)
    count = std::max(count, expired_by_age(oldest_first, config.retention_ms, now_ms));
  if (config.retention_bytes >= 0)
    count = std::max(count, expired_by_size(oldest_first, config.retention_bytes));
  return count;
}

}  // namespace cne::log
