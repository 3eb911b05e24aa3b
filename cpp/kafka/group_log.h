#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// Where groups are kept: the partitions of __consumer_offsets. Thread safe.
class GroupLog {
 public:
  virtual ~GroupLog() = default;
  virtual int32_t partitions() = 0;
  /// Appends record batches; returns the offset behind them, nothing when that failed. With a
  /// verification that is what the batches of a transaction have to show (ForeignAppend).
  virtual std::optional<int64_t> append(int32_t partition, ByteBuffer batches,
                                        std::optional<uint64_t> verification) = 0;
  /// Calls `done` once everything before `next_offset` is safe, in this call or later on another
  /// thread; with false when it may be lost.
  virtual void when_acknowledged(int32_t partition, int64_t next_offset,
                                 std::function<void(bool ok)> done) = 0;
  /// Hands out everything that is in a partition, in pieces of whole batches.
  virtual void read(int32_t partition,
                    const std::function<void(const uint8_t* batches, size_t size)>& take) = 0;
};

/// What groups have to know of topics. Thread safe.
class GroupTopics {
 public:
  struct Topic {
    std::string name;
    Uuid id;
    int32_t partitions = 0;
    bool has(int32_t index) const { return index >= 0 && index < partitions; }
  };
  virtual ~GroupTopics() = default;
  virtual std::optional<Topic> find(const std::string& name) = 0;
  virtual std::optional<Topic> find(const Uuid& id) = 0;
  virtual std::vector<std::string> names() = 0;
  /// Another number after any topic came, went or grew.
  virtual uint64_t version() = 0;
};

/// The partition of a group, as Kafka picks it: Java's hash of the string, without its sign.
int32_t partition_of_group(std::string_view group_id, int32_t partitions);

}  // namespace cne::kafka
