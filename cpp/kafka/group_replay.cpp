#include <utility>

#include "core/codec.h"
#include "core/error.h"
#include "kafka/group_coordinator.h"
#include "log/record_walk.h"

namespace cne::kafka {

namespace {

std::optional<std::string_view> text(const uint8_t* data, int64_t size) {
  if (size < 0) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
}

/// The kind of a control record by its key: int16 version, int16 kind (0 abort, 1 commit).
std::optional<bool> marker_of(std::string_view key) {
  if (key.size() < 4 || key[2] != 0 || key[3] < 0 || key[3] > 1) return std::nullopt;
  return key[3] == 1;
}

}  // namespace

void GroupCoordinator::load() {
  run([this](GroupTurn& turn) {
    for (int32_t i = 0; i < partitions_; ++i)
      log_.read(i, [&](const uint8_t* batches, size_t size) { replay_batches(i, batches, size); });
    std::vector<std::string> ids;
    for (const auto& [id, slot] : slots_) ids.push_back(id);
    for (const std::string& id : ids) {
      Slot& slot = slots_.at(id);
      const auto loaded = loaded_.find(id);
      // What a deleted group left behind is no group.
      if (slot.consumer && slot.consumer->is_blank()) slot.consumer = nullptr;
      if (slot.consumer) slot.consumer->restored(turn);
      if (loaded != loaded_.end() && !slot.consumer)
        classic(id, true)->restore(turn, loaded->second);
      // Offsets alone are those of a consumer that assigns to itself.
      if (!slot.offsets.is_blank()) classic(id, true);
      drop_if_blank(id);
    }
    loaded_.clear();
  });
}

void GroupCoordinator::replay_batches(int32_t partition, const uint8_t* batches, size_t size) {
  const auto fail = [partition](const char* why) {
    throw CorruptionError(message("groups: ", "__consumer_offsets-", partition, ": ", why));
  };
  ByteBuffer plain;
  for (size_t at = 0; at < size;) {
    const auto checked = log::check_batch(batches + at, size - at);
    if (!checked) fail(log::describe(checked.error()));
    const log::BatchHeader& header = checked.value();
    const uint8_t* data = batches + at + log::kBatchHeaderSize;
    size_t data_size = header.size() - log::kBatchHeaderSize;
    if (header.codec() != Codec::kNone) {
      plain.clear();
      decompress(header.codec(), data, data_size, log::kMaxBatchSize, plain);
      data = plain.data();
      data_size = plain.size();
    }
    const char* wrong =
        log::walk_records(header, data, data_size, [&](const log::RecordView& record) {
          const auto key = text(record.key, record.key_size);
          if (!key) return true;
          if (header.control()) {
            if (const auto committed = marker_of(*key))
              end_transaction_now(partition, header.producer_id, *committed);
          } else if (const auto decoded = decode_key(*key)) {
            replay(*decoded, text(record.value, record.value_size),
                   header.transactional() ? header.producer_id : -1);
          }
          return true;
        });
    if (wrong != nullptr) fail(wrong);
    at += header.size();
  }
}

void GroupCoordinator::replay(const GroupRecordKey& key,
                              const std::optional<std::string_view>& value, int64_t producer_id) {
  const uint64_t order = ++order_;
  if (key.kind == GroupRecordKind::kOffset) {
    GroupOffsets& offsets = slots_[key.group_id].offsets;
    if (!value) return offsets.erase(key.topic, key.partition, order);
    const OffsetCommit commit{key.topic, key.partition, decode_value<OffsetValue>(*value)};
    if (producer_id < 0) return offsets.restore(commit, order);
    offsets.pend(producer_id, commit, order);
    transactions_[producer_id].insert(key.group_id);
  } else if (key.kind == GroupRecordKind::kGroup) {
    if (value) {
      slots_[key.group_id];
      loaded_[key.group_id] = decode_value<GroupValue>(*value);
    } else {
      loaded_.erase(key.group_id);
    }
  } else if (key.kind == GroupRecordKind::kConsumerGroup && !value) {
    slots_[key.group_id].consumer = nullptr;
  } else if (key.kind != GroupRecordKind::kConsumerTopics &&
             key.kind != GroupRecordKind::kRegularExpression) {
    auto& group = slots_[key.group_id].consumer;
    if (!group && !value) return;
    if (!group) group = std::make_shared<ConsumerGroup>(key.group_id, config_, topics_);
    group->replay(key, value);
  }
}

}  // namespace cne::kafka
