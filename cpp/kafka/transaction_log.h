#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kafka/loop_handle.h"
#include "kafka/producer_ids.h"
#include "kafka/transaction_coordinator.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// The records and markers of transactions in the topics of a store. __transaction_state is made
/// when the first record comes. Thread safe.
///
/// A decision is as durable as the fsync of __transaction_state, which follows the broker's default
/// (log.fsync) unless the topic is told otherwise; the markers follow their own topics.
class TransactionLog final : public TransactionBackend {
 public:
  /// Answers that have to wait come on `loop`. The rest must outlive the loop.
  TransactionLog(log::TopicStore& store, ProducerIds& ids, int32_t partitions, LoopHandle loop)
      : store_(store), ids_(ids), partitions_(partitions), loop_(std::move(loop)) {}

  /// Called when a marker is in a partition of __consumer_offsets, before it is acknowledged.
  using OffsetsListener = std::function<void(int32_t partition, const TransactionMarker& marker)>;
  void set_offsets_listener(OffsetsListener listener) { on_offsets_ = std::move(listener); }

  /// Gives all records of __transaction_state in the order of each partition. Throws
  /// CorruptionError.
  void read(const std::function<void(std::string_view key,
                                     const std::optional<std::string_view>& value)>& take);

  void append(const std::string& transactional_id, const Transaction* value,
              std::function<void(bool ok)> done) override;
  void write_marker(const TransactionPartition& partition, const TransactionMarker& marker,
                    std::function<void(bool ok)> done) override;
  int64_t next_producer_id() override { return ids_.next(); }

 private:
  std::shared_ptr<const log::TopicStore::TopicInfo> state_topic(bool create);

  log::TopicStore& store_;
  ProducerIds& ids_;
  const int32_t partitions_;  // of __transaction_state, once it is made
  const LoopHandle loop_;
  OffsetsListener on_offsets_;
};

}  // namespace cne::kafka
