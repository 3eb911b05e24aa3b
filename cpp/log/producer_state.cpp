#include "log/producer_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "log/big_endian.h"
#include "log/record_encoder.h"
#include "log/record_walk.h"

namespace cne::log {

namespace {

constexpr int32_t kMaxSequence = std::numeric_limits<int32_t>::max();
constexpr int16_t kMarkerBits = 16 | 32;  // transactional, control

int32_t sequence_after(int32_t sequence, int64_t by) {
  return static_cast<int32_t>((int64_t{sequence} + by) % (int64_t{kMaxSequence} + 1));
}

int32_t last_sequence(const BatchHeader& header) {
  return sequence_after(header.base_sequence, header.last_offset_delta);
}

ProducerStates::Verdict refuse(AppendFault fault, std::string why) {
  return {fault, std::move(why), std::nullopt};
}

}  // namespace

std::optional<Marker> read_marker(const BatchHeader& header, const uint8_t* batch) {
  if (!header.control() || header.codec() != Codec::kNone) return std::nullopt;
  std::optional<Marker> out;
  walk_records(header, batch + kBatchHeaderSize, header.size() - kBatchHeaderSize,
               [&](const RecordView& record) {
                 // Key: version int16, type int16 (0 abort, 1 commit); value: version int16,
                 // epoch of the coordinator int32.
                 if (record.key_size < 4 || record.value_size < 6) return false;
                 const auto type = load_be<int16_t>(record.key + 2);
                 if (type == 0 || type == 1)
                   out = Marker{type == 1, load_be<int32_t>(record.value + 2)};
                 return false;
               });
  return out;
}

std::string make_marker(int64_t producer_id, int16_t epoch, const Marker& marker, int64_t now_ms) {
  uint8_t key[4] = {};
  store_be<int16_t>(key + 2, marker.commit ? 1 : 0);
  uint8_t value[6] = {};
  store_be<int32_t>(value + 2, marker.coordinator_epoch);
  const auto text = [](const uint8_t* bytes, size_t size) {
    return std::string_view(reinterpret_cast<const char*>(bytes), size);
  };
  RecordEncoder encoder;
  encoder.add(now_ms, text(key, sizeof key), text(value, sizeof value));
  encoder.finish();
  std::string out(encoder.bytes().view());
  auto* bytes = reinterpret_cast<uint8_t*>(out.data());
  BatchHeader header = read_header(bytes);
  header.attributes = kMarkerBits;
  header.producer_id = producer_id;
  header.producer_epoch = epoch;
  write_header(header, bytes);
  seal_batch(bytes, out.size());
  return out;
}

void ProducerStates::Producer::push(const Batch& batch) {
  if (count == kBatches) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    --count;
  }
  batches[count++] = batch;
}

ProducerStates::Verdict ProducerStates::check(const BatchHeader& header,
                                              const ForeignAppend& how) const {
  if (header.producer_id < 0 || header.control()) return {};
  const auto found = producers_.find(header.producer_id);
  const Producer* producer = found == producers_.end() ? nullptr : &found->second;
  if (producer != nullptr) {
    if (header.producer_epoch < producer->epoch)
      return refuse(AppendFault::kInvalidProducerEpoch,
                    message("producer ", header.producer_id, " has epoch ", producer->epoch,
                            ", a batch came of epoch ", header.producer_epoch));
    // What the broker writes for a producer has no sequences.
    if (header.base_sequence >= 0) {
      const Verdict verdict = check_sequence(*producer, header);
      if (verdict.fault != AppendFault::kNone || verdict.stored) return verdict;
    }
  }
  return check_transaction(producer, header, how);
}

ProducerStates::Verdict ProducerStates::check_sequence(const Producer& producer,
                                                       const BatchHeader& header) const {
  const int32_t first = header.base_sequence;
  const auto out_of_order = [&](const std::string& expected) {
    return refuse(AppendFault::kOutOfOrderSequence,
                  message("producer ", header.producer_id, " epoch ", header.producer_epoch,
                          ": expected sequence ", expected, ", got ", first));
  };
  if (header.producer_epoch != producer.epoch)
    return first == 0 ? Verdict{} : out_of_order("0, as the epoch is new");
  for (size_t i = 0; i < producer.count; ++i)
    if (producer.batches[i].first_sequence == first &&
        producer.batches[i].last_sequence == last_sequence(header))
      return {AppendFault::kNone, "", producer.batches[i]};
  const Batch* last = producer.last();
  if (last == nullptr) return {};  // known by its markers alone
  const int32_t next = sequence_after(last->last_sequence, 1);
  if (first == next) return {};
  // Sequences of the 2^30 records before the oldest known batch are behind, all others ahead.
  constexpr int64_t kModulus = int64_t{kMaxSequence} + 1;
  const int64_t before =
      (producer.batches[0].first_sequence - int64_t{last_sequence(header)} + kModulus) % kModulus;
  if (producer.count == kBatches && before >= 1 && before <= (1 << 30))
    return refuse(
        AppendFault::kDuplicateSequence,
        message("producer ", header.producer_id, " epoch ", header.producer_epoch, ": sequence ",
                first, " came before, and ", kBatches, " batches or more since"));
  return out_of_order(std::to_string(next));
}

ProducerStates::Verdict ProducerStates::check_transaction(const Producer* producer,
                                                          const BatchHeader& header,
                                                          const ForeignAppend& how) const {
  const bool is_open = producer != nullptr && producer->txn_first_offset >= 0 &&
                       producer->epoch == header.producer_epoch;
  if (!header.transactional()) {
    if (!is_open || how.origin == AppendOrigin::kCoordinator) return {};
    return refuse(AppendFault::kInvalidTxnState,
                  message("producer ", header.producer_id,
                          " is in a transaction, and sent a batch that is not part of it"));
  }
  if (is_open || !how.verify) return {};
  const auto found = verifications_.find(header.producer_id);
  if (found == verifications_.end() || found->second.number != how.verification)
    return refuse(AppendFault::kInvalidTxnState,
                  message("the transaction of producer ", header.producer_id,
                          " was not verified, or ended in the meantime"));
  if (header.base_sequence > found->second.lowest_sequence)
    return refuse(AppendFault::kOutOfOrderSequence,
                  message("producer ", header.producer_id, ": sequence ", header.base_sequence,
                          " overtook ", found->second.lowest_sequence));
  return {};
}

ProducerStates::Verdict ProducerStates::check_marker(int64_t producer_id, int16_t epoch,
                                                     int32_t coordinator_epoch) const {
  const auto found = producers_.find(producer_id);
  if (found == producers_.end()) return {};
  if (epoch < found->second.epoch)
    return refuse(AppendFault::kInvalidProducerEpoch,
                  message("producer ", producer_id, " has epoch ", found->second.epoch,
                          ", a marker came of epoch ", epoch));
  if (coordinator_epoch < found->second.coordinator_epoch)
    return refuse(
        AppendFault::kCoordinatorFenced,
        message("the coordinator of producer ", producer_id, " has epoch ",
                found->second.coordinator_epoch, ", a marker came of epoch ", coordinator_epoch));
  return {};
}

std::optional<AbortedRange> ProducerStates::note(const BatchHeader& header, const uint8_t* batch,
                                                 int64_t now_ms) {
  if (header.producer_id < 0) return std::nullopt;
  const std::optional<Marker> marker = read_marker(header, batch);
  if (header.control() && !marker) return std::nullopt;
  Producer& producer = producers_[header.producer_id];
  if (header.producer_epoch != producer.epoch) {
    producer.epoch = header.producer_epoch;
    producer.count = 0;
  }
  producer.last_seen_ms = std::max(producer.last_seen_ms, now_ms);
  if (!marker) {
    if (header.base_sequence >= 0)
      producer.push({header.base_sequence, last_sequence(header), header.base_offset,
                     header.next_offset() - 1, header.max_timestamp});
    if (header.transactional() && producer.txn_first_offset < 0) {
      producer.txn_first_offset = header.base_offset;
      open_.emplace(header.base_offset, header.producer_id);
      verifications_.erase(header.producer_id);
    }
    return std::nullopt;
  }
  verifications_.erase(header.producer_id);
  producer.coordinator_epoch = marker->coordinator_epoch;
  const int64_t first = std::exchange(producer.txn_first_offset, -1);
  if (first < 0) return std::nullopt;
  open_.erase(first);
  decided_.push_back({first, header.base_offset});
  if (marker->commit) return std::nullopt;
  const int64_t stable = open_.empty() ? header.next_offset() : open_.begin()->first;
  return AbortedRange{header.producer_id, first, header.base_offset, stable};
}

void ProducerStates::note_watermark(int64_t high_watermark) {
  if (decided_.empty()) return;
  std::erase_if(decided_, [&](const Decided& each) { return each.marker_offset < high_watermark; });
}

int64_t ProducerStates::first_unstable(int64_t end) const {
  int64_t out = open_.empty() ? end : std::min(end, open_.begin()->first);
  for (const Decided& each : decided_) out = std::min(out, each.first_offset);
  return out;
}

uint64_t ProducerStates::start_verification(int64_t producer_id, int16_t epoch,
                                            int32_t base_sequence, int64_t now_ms) {
  const auto found = producers_.find(producer_id);
  if (found != producers_.end() && found->second.txn_first_offset >= 0 &&
      found->second.epoch == epoch)
    return 0;
  Verification& verification = verifications_[producer_id];
  if (verification.number == 0 || verification.epoch != epoch)
    verification = {++last_verification_, epoch, base_sequence, now_ms};
  verification.lowest_sequence = std::min(verification.lowest_sequence, base_sequence);
  return verification.number;
}

void ProducerStates::expire(int64_t before_ms) {
  std::erase_if(producers_, [&](const auto& each) {
    return each.second.txn_first_offset < 0 && each.second.last_seen_ms < before_ms;
  });
  std::erase_if(verifications_,
                [&](const auto& each) { return each.second.started_ms < before_ms; });
}

std::vector<ProducerInfo> ProducerStates::list() const {
  std::vector<ProducerInfo> out;
  for (const auto& [id, producer] : producers_) {
    const Batch* last = producer.last();
    out.push_back({id, producer.epoch, last != nullptr ? last->last_sequence : -1,
                   last != nullptr ? last->timestamp : producer.last_seen_ms,
                   producer.coordinator_epoch, producer.txn_first_offset});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.producer_id < b.producer_id; });
  return out;
}

bool ProducerStates::is_last(const BatchHeader& header) const {
  const auto found = producers_.find(header.producer_id);
  if (found == producers_.end() || found->second.epoch != header.producer_epoch) return false;
  const Batch* last = found->second.last();
  return last != nullptr && last->first_offset == header.base_offset;
}

std::string ProducerStates::save() const {
  std::string out;
  if (producers_.empty()) return out;
  const auto put = [&]<typename T>(T value) {
    uint8_t bytes[sizeof(T)];
    if constexpr (sizeof(T) == 1)
      bytes[0] = static_cast<uint8_t>(value);
    else
      store_be(bytes, value);
    out.append(reinterpret_cast<const char*>(bytes), sizeof(T));
  };
  put(static_cast<uint32_t>(producers_.size()));
  std::vector<int64_t> ids;  // ascending, so that the same state has the same bytes
  for (const auto& each : producers_) ids.push_back(each.first);
  std::sort(ids.begin(), ids.end());
  for (const int64_t id : ids) {
    const Producer& producer = producers_.at(id);
    put(id);
    put(producer.epoch);
    put(producer.coordinator_epoch);
    put(producer.txn_first_offset);
    put(producer.last_seen_ms);
    put(producer.count);
    for (size_t i = 0; i < producer.count; ++i) {
      const Batch& batch = producer.batches[i];
      put(batch.first_sequence);
      put(batch.last_sequence);
      put(batch.first_offset);
      put(batch.last_offset);
      put(batch.timestamp);
    }
  }
  return out;
}

bool ProducerStates::load(std::string_view bytes) {
  *this = ProducerStates();
  if (bytes.empty()) return true;
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = at + bytes.size();
  bool good = true;
  const auto get = [&]<typename T>(T& value) {
    if (end - at < static_cast<ptrdiff_t>(sizeof(T))) {
      good = false;
      return;
    }
    if constexpr (sizeof(T) == 1)
      value = *at;
    else
      value = load_be<T>(at);
    at += sizeof(T);
  };
  uint32_t count = 0;
  get(count);
  for (uint32_t i = 0; good && i < count; ++i) {
    int64_t id = 0;
    Producer producer;
    get(id);
    get(producer.epoch);
    get(producer.coordinator_epoch);
    get(producer.txn_first_offset);
    get(producer.last_seen_ms);
    get(producer.count);
    good = good && producer.count <= kBatches;
    for (size_t j = 0; good && j < producer.count; ++j) {
      Batch& batch = producer.batches[j];
      get(batch.first_sequence);
      get(batch.last_sequence);
      get(batch.first_offset);
      get(batch.last_offset);
      get(batch.timestamp);
    }
    if (!good) break;
    if (producer.txn_first_offset >= 0) open_.emplace(producer.txn_first_offset, id);
    producers_.emplace(id, producer);
  }
  good = good && at == end;
  if (!good) *this = ProducerStates();
  return good;
}

}  // namespace cne::log
