#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/append.h"
#include "log/record_batch.h"
#include "log/segment_index.h"

namespace cne::log {

/// What a control batch says, by its only record.
struct Marker {
  bool commit = false;
  int32_t coordinator_epoch = 0;
};
/// Nothing when the batch ends no transaction. `batch` are its bytes.
std::optional<Marker> read_marker(const BatchHeader& header, const uint8_t* batch);
/// A control batch that ends a transaction; base offset 0.
std::string make_marker(int64_t producer_id, int16_t epoch, const Marker& marker, int64_t now_ms);

/// A producer that is known to a partition, for DescribeProducers.
struct ProducerInfo {
  int64_t producer_id = 0;
  int16_t epoch = 0;
  int32_t last_sequence = -1;
  int64_t last_timestamp = -1;
  int32_t coordinator_epoch = -1;
  int64_t current_txn_start_offset = -1;
};

/// The producers of one partition: which sequences came, so that nothing is stored twice or out of
/// order, and which transactions are open. Not thread safe.
///
/// Sequences count records per epoch of a producer and go from 2^31 - 1 to 0. The last five batches
/// of each producer are known, as a client has at most five on the way. An unknown producer may
/// begin with any sequence: its state may have expired.
class ProducerStates {
 public:
  static constexpr size_t kBatches = 5;

  struct Batch {
    int32_t first_sequence = 0;
    int32_t last_sequence = 0;
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int64_t timestamp = 0;
  };
  /// What is to become of a batch. With kNone and `stored` it is a duplicate of that one.
  struct Verdict {
    AppendFault fault = AppendFault::kNone;
    std::string why;
    std::optional<Batch> stored;
  };

  bool empty() const { return producers_.empty(); }
  size_t size() const { return producers_.size(); }

  /// Whether a batch may be appended; `how` for who sends it and what was verified.
  Verdict check(const BatchHeader& header, const ForeignAppend& how) const;
  /// The same for a marker: it may not be of an older epoch of the producer or the coordinator.
  Verdict check_marker(int64_t producer_id, int16_t epoch, int32_t coordinator_epoch) const;

  /// Notes a batch that was appended. An abort marker gives the range of its transaction.
  std::optional<AbortedRange> note(const BatchHeader& header, const uint8_t* batch, int64_t now_ms);
  /// Readers see everything before `high_watermark`: transactions whose markers lie there are over.
  void note_watermark(int64_t high_watermark);
  /// The first offset of a transaction that readers cannot know the end of; `end` without any.
  int64_t first_unstable(int64_t end) const;

  /// KIP-890. A number that the first batch of the transaction has to show, which the coordinator
  /// is asked about in the meantime; 0 when the transaction is open here already.
  uint64_t start_verification(int64_t producer_id, int16_t epoch, int32_t base_sequence,
                              int64_t now_ms);

  /// Forgets producers without an open transaction that were last seen before then.
  void expire(int64_t before_ms);
  std::vector<ProducerInfo> list() const;
  /// Whether this was the last batch of a producer, which compaction keeps, if without records.
  bool is_last(const BatchHeader& header) const;

  /// Big-endian: count uint32, then for each producer id int64, epoch int16, coordinator epoch
  /// int32, first offset of its transaction int64 (-1: none), last seen int64, number of batches
  /// uint8 and for each first and last sequence int32, first and last offset int64, timestamp
  /// int64. Empty without any.
  std::string save() const;
  /// False when the bytes are not what `save` gave.
  bool load(std::string_view bytes);

 private:
  struct Producer {
    int16_t epoch = -1;
    int32_t coordinator_epoch = -1;
    int64_t txn_first_offset = -1;
    int64_t last_seen_ms = 0;
    uint8_t count = 0;  // of batches, the oldest first
    std::array<Batch, kBatches> batches;

    const Batch* last() const { return count > 0 ? &batches[count - 1] : nullptr; }
    void push(const Batch& batch);
  };
  struct Verification {
    uint64_t number = 0;
    int16_t epoch = 0;
    int32_t lowest_sequence = 0;
    int64_t started_ms = 0;
  };
  struct Decided {  // by a marker that readers do not see yet
    int64_t first_offset = 0;
    int64_t marker_offset = 0;
  };
  Verdict check_sequence(const Producer& producer, const BatchHeader& header) const;
  Verdict check_transaction(const Producer* producer, const BatchHeader& header,
                            const ForeignAppend& how) const;

  std::unordered_map<int64_t, Producer> producers_;
  std::map<int64_t, int64_t> open_;  // first offset of a transaction to its producer
  std::vector<Decided> decided_;     // by marker
  std::unordered_map<int64_t, Verification> verifications_;
  uint64_t last_verification_ = 0;
};

}  // namespace cne::log
