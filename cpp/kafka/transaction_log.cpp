#include "kafka/transaction_log.h"

#include <utility>

#include "core/codec.h"
#include "core/error.h"
#include "kafka/coordinator_partition.h"
#include "kafka/topics.h"
#include "kafka/transaction_records.h"
#include "log/record_encoder.h"
#include "log/record_walk.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

constexpr int64_t kReadBytes = 1 << 20;

/// As Kafka's own, which no one writes to but the coordinator.
log::TopicConfig state_config(int32_t partitions) {
  log::TopicConfig config;
  config.partitions = partitions;
  for (const auto& [name, value] :
       {std::pair("cleanup.policy", "compact"), std::pair("compression.type", "uncompressed"),
        std::pair("segment.bytes", "104857600")})
    log::set_setting(config, name, value, "transactions");
  return config;
}

std::string_view text(const uint8_t* data, int64_t size) {
  return {reinterpret_cast<const char*>(data), static_cast<size_t>(size)};
}

/// Calls `take` for the records of one batch.
template <typename Take>
void read_batch(const log::BatchHeader& header, const uint8_t* batch, const Take& take) {
  const uint8_t* data = batch + log::kBatchHeaderSize;
  size_t size = header.size() - log::kBatchHeaderSize;
  ByteBuffer plain;
  if (header.codec() != Codec::kNone) {
    decompress(header.codec(), data, size, log::kMaxBatchSize, plain);
    data = plain.data();
    size = plain.size();
  }
  const char* wrong = log::walk_records(header, data, size, [&](const log::RecordView& record) {
    if (record.key_size < 0) return true;
    std::optional<std::string_view> value;
    if (record.value_size >= 0) value = text(record.value, record.value_size);
    take(text(record.key, record.key_size), value);
    return true;
  });
  if (wrong != nullptr) throw CorruptionError(message("transactions: ", wrong));
}

}  // namespace

std::shared_ptr<const log::TopicStore::TopicInfo> TransactionLog::state_topic(bool create) {
  const std::string name(kTransactionsTopic);
  auto found = store_.find_topic(name);
  if (found || !create) return found;
  store_.create_topic(name, state_config(partitions_), true);
  return store_.find_topic(name);
}

void TransactionLog::read(
    const std::function<void(std::string_view key, const std::optional<std::string_view>& value)>&
        take) {
  const auto topic = state_topic(false);
  if (!topic) return;
  for (const auto& log : topic->partitions) {
    const int64_t end = log->end_offset();
    for (int64_t offset = log->start_offset(); offset < end;) {
      const int64_t from = offset;
      for (const log::BatchRun& run : log->read_batches(offset, kReadBytes)) {
        const uint8_t* bytes = run.bytes.data();
        for (size_t at = 0; at < run.bytes.size();) {
          const auto checked = log::check_batch(bytes + at, run.bytes.size() - at);
          if (!checked)
            throw CorruptionError(
                message("transactions: ", run.file, ": ", log::describe(checked.error())));
          if (!checked.value().control()) read_batch(checked.value(), bytes + at, take);
          at += checked.value().size();
          offset = checked.value().next_offset();
        }
      }
      if (offset == from) break;  // the rest was compacted away
    }
  }
}

void TransactionLog::append(const std::string& transactional_id, const Transaction* value,
                            std::function<void(bool ok)> done) {
  std::shared_ptr<log::PartitionLog> log;
  try {
    const auto topic = state_topic(true);
    if (topic)
      log = topic->partitions[static_cast<size_t>(
          coordinator_partition(transactional_id, static_cast<int32_t>(topic->partitions.size())))];
  } catch (const Error&) {  // the disk, or the store is closed
  }
  if (!log) return done(false);
  log::RecordEncoder encoder;
  const std::string key = encode_transaction_key(transactional_id);
  const std::string bytes = value != nullptr ? encode_transaction_value(*value) : std::string();
  encoder.add(store_.options().clock->now_ms(), std::string_view(key),
              value != nullptr ? log::Bytes(std::string_view(bytes)) : log::Bytes());
  encoder.finish();
  log::ForeignAppend how;
  how.origin = log::AppendOrigin::kCoordinator;
  how.leader_epoch = kLeaderEpoch;
  const log::AppendOutcome outcome =
      log->append_foreign(encoder.bytes().data(), encoder.bytes().size(), how);
  if (!outcome.ok()) return done(false);
  loop_.when_acknowledged(*log, outcome.next_offset, std::move(done));
}

void TransactionLog::write_marker(const TransactionPartition& partition,
                                  const TransactionMarker& marker,
                                  std::function<void(bool ok)> done) {
  const FoundPartition found = find_partition(store_, partition.topic, Uuid(), partition.index);
  if (!found.log) return done(true);  // it was deleted, and the records with it
  const log::AppendOutcome outcome = found.log->append_marker(
      marker.producer.id, marker.producer.epoch, marker.commit, kLeaderEpoch);
  switch (outcome.fault) {
    case log::AppendFault::kNone:
      break;
    case log::AppendFault::kClosed:
    case log::AppendFault::kInvalidProducerEpoch:  // a marker of a later epoch ended it as well
    case log::AppendFault::kCoordinatorFenced:
      return done(true);
    default:
      return done(false);
  }
  if (partition.topic == kOffsetsTopic && on_offsets_) on_offsets_(partition.index, marker);
  loop_.when_acknowledged(*found.log, outcome.next_offset, std::move(done));
}

}  // namespace cne::kafka
