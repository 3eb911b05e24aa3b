#include "log/batch_filter.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "core/error.h"
#include "log/varint.h"

namespace cne::log {

namespace {

constexpr int16_t kHorizonBit = 64;
constexpr int16_t kCodecBits = 7;

int64_t saturated_sum(int64_t a, int64_t b) {
  int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? std::numeric_limits<int64_t>::max() : out;
}

}  // namespace

std::optional<int64_t> delete_horizon(const BatchHeader& header) {
  if ((header.attributes & kHorizonBit) == 0) return std::nullopt;
  return header.base_timestamp;
}

BatchFilter::BatchFilter(const OffsetMap& latest, const std::vector<AbortedRange>& aborted,
                         const ProducerStates& producers, const Rules& rules)
    : latest_(latest), producers_(producers), rules_(rules) {
  for (const AbortedRange& range : aborted) aborted_[range.producer_id].push_back(range);
}

bool BatchFilter::is_aborted(const BatchHeader& header) const {
  if (!header.transactional() || header.control()) return false;
  const auto found = aborted_.find(header.producer_id);
  if (found == aborted_.end()) return false;
  // The transactions of a producer follow each other.
  const auto& ranges = found->second;
  const auto range = std::lower_bound(
      ranges.begin(), ranges.end(), header.base_offset,
      [](const AbortedRange& each, int64_t offset) { return each.last_offset < offset; });
  return range != ranges.end() && range->first_offset <= header.base_offset;
}

template <typename Visit>
void BatchFilter::visit_records(const BatchHeader& header, const uint8_t* batch, Visit&& visit) {
  const uint8_t* data = batch + kBatchHeaderSize;
  size_t size = header.size() - kBatchHeaderSize;
  if (header.codec() != Codec::kNone && header.records > 0) {
    plain_.clear();
    decompress(header.codec(), data, size, kMaxBatchSize, plain_);
    data = plain_.data();
    size = plain_.size();
  }
  const char* wrong = walk_records(header, data, size, [&](const RecordView& record) {
    visit(record);
    return true;
  });
  if (wrong != nullptr) throw CorruptionError(wrong);
}

void BatchFilter::note_keys(const BatchHeader& header, const uint8_t* batch, OffsetMap& latest) {
  if (header.control() || is_aborted(header)) return;
  visit_records(header, batch, [&](const RecordView& record) {
    if (record.key_size >= 0)
      latest.put(record.key, static_cast<size_t>(record.key_size),
                 header.base_offset + record.offset_delta);
  });
}

BatchFilter::Kept BatchFilter::filter(const BatchHeader& header, const uint8_t* batch) {
  if (header.control()) return filter_marker(header, batch);
  const Kept kept = is_aborted(header) ? without_records(header) : filter_records(header, batch);
  if (kept.size > 0 && header.transactional()) with_data_.insert(header.producer_id);
  return kept;
}

BatchFilter::Kept BatchFilter::filter_marker(const BatchHeader& header, const uint8_t* batch) {
  if (with_data_.erase(header.producer_id) > 0) return {batch, header.size(), false};
  const std::optional<int64_t> horizon = delete_horizon(header);
  if (horizon) {
    if (*horizon <= rules_.now_ms) return {};
    return {batch, header.size(), false};
  }
  std::vector<RecordView> records;
  visit_records(header, batch, [&](const RecordView& record) { records.push_back(record); });
  return rebuild(header, records, true);
}

BatchFilter::Kept BatchFilter::filter_records(const BatchHeader& header, const uint8_t* batch) {
  const std::optional<int64_t> horizon = delete_horizon(header);
  const bool is_over = horizon && *horizon <= rules_.now_ms;
  std::vector<RecordView> kept;
  bool has_tombstones = false;
  visit_records(header, batch, [&](const RecordView& record) {
    const int64_t offset = header.base_offset + record.offset_delta;
    if (record.key_size < 0 || offset < rules_.start_offset) return;
    if (latest_.find(record.key, static_cast<size_t>(record.key_size)) > offset) return;
    if (record.value_size < 0) {
      if (is_over) return;
      has_tombstones = true;
    }
    kept.push_back(record);
  });
  const bool set_horizon = has_tombstones && !horizon;
  if (kept.empty() && header.records > 0) return without_records(header);
  if (kept.empty() && !producers_.is_last(header)) return {};  // one that a compaction emptied
  if (kept.size() == static_cast<size_t>(header.records) && !set_horizon)
    return {batch, header.size(), false};
  return rebuild(header, kept, set_horizon);
}

BatchFilter::Kept BatchFilter::without_records(const BatchHeader& header) {
  if (!producers_.is_last(header)) return {};
  BatchHeader emptied = header;
  emptied.attributes = static_cast<int16_t>(emptied.attributes & ~kCodecBits);
  return rebuild(emptied, {}, false);
}

BatchFilter::Kept BatchFilter::rebuild(BatchHeader header, const std::vector<RecordView>& records,
                                       bool set_horizon) {
  int64_t base_timestamp = header.base_timestamp;
  if (set_horizon) base_timestamp = saturated_sum(rules_.now_ms, rules_.delete_retention_ms);
  out_.resize(kBatchHeaderSize);
  int64_t max_timestamp = std::numeric_limits<int64_t>::min();
  for (const RecordView& record : records) {
    max_timestamp = std::max(max_timestamp, record.timestamp(header));
    if (!set_horizon) {
      out_.append(record.begin, static_cast<size_t>(record.end - record.begin));
      continue;
    }
    // The same, but for the delta of the time. Of a broker's time nobody reads the deltas.
    const int64_t delta =
        header.log_append_time()
            ? 0
            : static_cast<int64_t>(static_cast<uint64_t>(record.timestamp(header)) -
                                   static_cast<uint64_t>(base_timestamp));
    const size_t rest = static_cast<size_t>(record.end - record.offset_at);
    uint8_t* to = out_.room(2 * kMaxVarintSize + 1 + rest);
    to = put_varint(to, static_cast<int64_t>(1 + varint_size(delta) + rest));
    *to++ = 0;  // attributes: none are defined
    to = put_varint(to, delta);
    std::memcpy(to, record.offset_at, rest);
    out_.end_at(to + rest);
  }
  if (header.codec() != Codec::kNone) {
    packed_.clear();
    compress(header.codec(), out_.data() + kBatchHeaderSize, out_.size() - kBatchHeaderSize,
             packed_);
    out_.resize(kBatchHeaderSize);
    out_.append(packed_.data(), packed_.size());
  }
  if (set_horizon) header.attributes = static_cast<int16_t>(header.attributes | kHorizonBit);
  header.base_timestamp = base_timestamp;
  if (!records.empty() && !header.log_append_time()) header.max_timestamp = max_timestamp;
  header.records = static_cast<int32_t>(records.size());
  write_header(header, out_.data());
  seal_batch(out_.data(), out_.size());
  return {out_.data(), out_.size(), true};
}

}  // namespace cne::log
