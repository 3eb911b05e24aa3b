#include "log/foreign_batch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "log/record_batch.h"
#include "log/record_walk.h"

namespace cne::log {

namespace {

constexpr int64_t kNoTimestamp = -1;  // what clients write for none
constexpr int16_t kCodecBits = 7;
constexpr int16_t kLogAppendTimeBit = 8;
/// More faults of one batch tell nobody anything.
constexpr size_t kMaxRecordFaults = 100;

Codec target_codec(Compression compression, Codec of_client) {
  if (compression == Compression::kProducer) return of_client;
  return static_cast<Codec>(static_cast<int>(compression) - static_cast<int>(Compression::kNone));
}

/// What is wrong with the time of a record; null when nothing is.
const char* check_time(int64_t timestamp, const TopicConfig& config, int64_t now_ms) {
  if (timestamp == kNoTimestamp) return nullptr;
  int64_t ahead = 0;
  if (__builtin_sub_overflow(timestamp, now_ms, &ahead))
    ahead = timestamp < now_ms ? std::numeric_limits<int64_t>::min() + 1
                               : std::numeric_limits<int64_t>::max();
  if (ahead > config.timestamp_after_max_ms)
    return "the timestamp is further ahead than message.timestamp.after.max.ms";
  if (-ahead > config.timestamp_before_max_ms)
    return "the timestamp is further back than message.timestamp.before.max.ms";
  return nullptr;
}

}  // namespace

const char* fault_name(AppendFault fault) {
  switch (fault) {
    case AppendFault::kNone:
      return "none";
    case AppendFault::kCorrupt:
      return "corrupt";
    case AppendFault::kTooLarge:
      return "too_large";
    case AppendFault::kInvalidRecord:
      return "invalid_record";
    case AppendFault::kInvalidTimestamp:
      return "invalid_timestamp";
    case AppendFault::kUnsupportedCodec:
      return "unsupported_codec";
    case AppendFault::kUnsupportedFormat:
      return "unsupported_format";
    case AppendFault::kOutOfOrderSequence:
      return "out_of_order_sequence";
    case AppendFault::kDuplicateSequence:
      return "duplicate_sequence";
    case AppendFault::kInvalidProducerEpoch:
      return "invalid_producer_epoch";
    case AppendFault::kInvalidTxnState:
      return "invalid_txn_state";
    case AppendFault::kCoordinatorFenced:
      return "coordinator_fenced";
    case AppendFault::kStorage:
      return "storage";
    case AppendFault::kClosed:
      return "closed";
  }
  return "";
}

const char* check_headers(const RecordView& record) {
  const uint8_t* at = record.headers;
  const uint8_t* const end = record.end;
  if (*at == 0) return at + 1 == end ? nullptr : "a record is longer than its parts";
  int64_t count = 0;
  at = get_varint(at, end, &count);
  if (at == nullptr || count < 0) return "the headers of a record are malformed";
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* key = nullptr;
    const uint8_t* value = nullptr;
    int64_t key_size = 0;
    int64_t value_size = 0;
    if ((at = get_sized(at, end, &key, &key_size)) == nullptr || key_size < 0 ||
        (at = get_sized(at, end, &value, &value_size)) == nullptr)
      return "the headers of a record are malformed";
    if (!is_utf8({reinterpret_cast<const char*>(key), static_cast<size_t>(key_size)}))
      return "the name of a header is not UTF-8";
  }
  return at == end ? nullptr : "a record is longer than its parts";
}

ForeignBatches::ForeignBatches(uint8_t* batches, size_t size, const TopicConfig& config,
                               const ForeignAppend& how, int64_t now_ms)
    : data_(batches), size_(size) {
  check_all(how);
  if (outcome_.ok() && how.origin == AppendOrigin::kClient) check_client(config, how, now_ms);
}

bool ForeignBatches::refuse(AppendFault fault, std::string why) {
  outcome_.fault = fault;
  outcome_.why = std::move(why);
  return false;
}

/// What holds for everyone: whole batches with good checksums.
void ForeignBatches::check_all(const ForeignAppend& how) {
  if (size_ == 0) {
    refuse(AppendFault::kInvalidRecord, "expected a record batch, got none");
    return;
  }
  for (size_t at = 0; at < size_;) {
    if (size_ - at > kBatchMagicAt && static_cast<int8_t>(data_[at + kBatchMagicAt]) < 2) {
      refuse(AppendFault::kUnsupportedFormat, describe(BatchFault::kMagic));
      return;
    }
    const auto checked = check_batch(data_ + at, size_ - at);
    if (!checked) {
      refuse(checked.error() == BatchFault::kCounts ? AppendFault::kInvalidRecord
                                                    : AppendFault::kCorrupt,
             describe(checked.error()));
      return;
    }
    patch_leader_epoch(data_ + at, how.leader_epoch);
    at += checked.value().size();
  }
}

void ForeignBatches::check_client(const TopicConfig& config, const ForeignAppend& how,
                                  int64_t now_ms) {
  const BatchHeader header = read_header(data_);
  const auto invalid = [&](std::string why) {
    refuse(AppendFault::kInvalidRecord, std::move(why));
  };
  if (header.size() != size_) return invalid("expected one record batch, got more");
  if (header.base_offset != 0)
    return invalid(message("expected a base offset of 0, got ", header.base_offset));
  if (header.control()) return invalid("clients may not write control batches");
  if (header.records < 1 || int64_t{header.records} != int64_t{header.last_offset_delta} + 1)
    return invalid(message("the batch says that it has ", header.records, " records and a last ",
                           "offset delta of ", header.last_offset_delta));
  if (header.producer_id >= 0 && (header.producer_epoch < 0 || header.base_sequence < 0))
    return invalid(message("producer ", header.producer_id, " sent epoch ", header.producer_epoch,
                           " and sequence ", header.base_sequence));
  if (header.transactional() && header.producer_id < 0)
    return invalid("a batch of a transaction has no producer");
  if (size_ > static_cast<size_t>(config.max_message_bytes)) {
    refuse(AppendFault::kTooLarge, message("a batch of ", size_, " bytes, expected at most ",
                                           config.max_message_bytes, " (max.message.bytes)"));
    return;
  }
  if (header.log_append_time() && config.timestamp == TimestampType::kCreateTime) {
    refuse(AppendFault::kInvalidTimestamp,
           "the batch says that its time is the broker's, and the topic's is CreateTime");
    return;
  }
  const Codec codec = header.codec();
  if (codec > Codec::kZstd || (codec == Codec::kZstd && !how.allow_zstd)) {
    refuse(AppendFault::kUnsupportedCodec,
           message("codec ", header.attributes & kCodecBits, " is not supported"));
    return;
  }
  try {
    const uint8_t* plain = data_ + kBatchHeaderSize;
    size_t size = size_ - kBatchHeaderSize;
    if (codec != Codec::kNone) {
      decompress(codec, plain, size, kMaxBatchSize, plain_);
      plain = plain_.data();
      size = plain_.size();
    }
    check_records(config, now_ms, plain, size);
    if (outcome_.ok()) rewrite(config, now_ms, plain, size);
  } catch (const CorruptionError& error) {
    refuse(AppendFault::kCorrupt, error.what());
  } catch (const UnsupportedError& error) {
    refuse(AppendFault::kUnsupportedCodec, error.what());
  }
}

void ForeignBatches::check_records(const TopicConfig& config, int64_t now_ms, const uint8_t* plain,
                                   size_t size) {
  const BatchHeader header = read_header(data_);
  const bool check_times = config.timestamp == TimestampType::kCreateTime;
  int32_t next = 0;
  const char* wrong_headers = nullptr;
  const auto blame = [&](AppendFault fault, const char* why) {
    if (outcome_.ok()) refuse(fault, why);
    if (outcome_.fault == fault && outcome_.records.size() < kMaxRecordFaults)
      outcome_.records.push_back({next, why});
  };
  max_timestamp_ = std::numeric_limits<int64_t>::min();
  const char* wrong = walk_records(header, plain, size, [&](const RecordView& record) {
    if (record.offset_delta != next) {
      wrong_headers = "the offsets of the records have gaps";
      return false;
    }
    if ((wrong_headers = check_headers(record)) != nullptr) return false;
    if (config.cleanup_compact && record.key_size < 0)
      blame(AppendFault::kInvalidRecord, "a compacted topic takes no record without a key");
    const int64_t timestamp = record.timestamp(header);
    max_timestamp_ = std::max(max_timestamp_, timestamp);
    if (check_times)
      if (const char* why = check_time(timestamp, config, now_ms); why != nullptr)
        blame(AppendFault::kInvalidTimestamp, why);
    ++next;
    return true;
  });
  if (wrong == nullptr) wrong = wrong_headers;
  if (wrong == nullptr) return;
  outcome_.records.clear();
  refuse(AppendFault::kInvalidRecord, wrong);
}

/// Applies message.timestamp.type and compression.type; seals the batch again when it changed.
void ForeignBatches::rewrite(const TopicConfig& config, int64_t now_ms, const uint8_t* plain,
                             size_t size) {
  BatchHeader header = read_header(data_);
  const Codec codec = target_codec(config.compression, header.codec());
  bool changed = codec != header.codec();
  if (changed) {
    rewritten_.resize(kBatchHeaderSize);
    compress(codec, plain, size, rewritten_);
    if (rewritten_.size() > static_cast<size_t>(config.max_message_bytes)) {
      refuse(AppendFault::kTooLarge,
             message("a batch of ", rewritten_.size(), " bytes as ", codec_name(codec),
                     ", expected at most ", config.max_message_bytes, " (max.message.bytes)"));
      return;
    }
    header.attributes =
        static_cast<int16_t>((header.attributes & ~kCodecBits) | static_cast<int16_t>(codec));
  }
  int64_t max_timestamp = max_timestamp_;
  if (config.timestamp == TimestampType::kLogAppendTime) {
    changed = true;
    header.attributes = static_cast<int16_t>(header.attributes | kLogAppendTimeBit);
    max_timestamp = now_ms;
    outcome_.append_time_ms = now_ms;
  }
  if (!changed && max_timestamp == header.max_timestamp) return;
  header.max_timestamp = max_timestamp;
  if (!rewritten_.empty()) {
    data_ = rewritten_.data();
    size_ = rewritten_.size();
  }
  write_header(header, data_);
  seal_batch(data_, size_);
}

}  // namespace cne::log
