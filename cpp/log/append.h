#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cne::log {

/// Why bytes of a client were not appended. Nothing of the call is then in the log.
enum class AppendFault : uint8_t {
  kNone,
  kCorrupt,               // no batch, cut off, or its checksum is wrong
  kTooLarge,              // larger than max.message.bytes
  kInvalidRecord,         // records, counts or attributes that cannot be; a null key
  kInvalidTimestamp,      // outside message.timestamp.before/after.max.ms
  kUnsupportedCodec,      // none of the known ones, or not in this build
  kUnsupportedFormat,     // a batch of a format before version 2
  kOutOfOrderSequence,    // neither the next sequence nor a known duplicate
  kDuplicateSequence,     // written before, but so long ago that its offset is forgotten
  kInvalidProducerEpoch,  // a newer epoch of the producer was seen: this one is fenced
  kInvalidTxnState,       // not what the state of the producer's transaction allows
  kCoordinatorFenced,     // a marker of a coordinator epoch that is over
  kStorage,               // the disk failed, now or before
  kClosed,                // the partition is closed, read only, or its topic was deleted
};

/// "out_of_order_sequence", for messages and tests.
const char* fault_name(AppendFault fault);

/// One record of a batch that was refused, counted from 0 in the batch.
struct RecordFault {
  int32_t index = 0;
  std::string why;
};

/// What became of bytes from a client.
struct AppendOutcome {
  AppendFault fault = AppendFault::kNone;
  std::string why;  // for people
  std::vector<RecordFault>
      records;  // of kInvalidRecord and kInvalidTimestamp, where one is to blame
  /// [first_offset, next_offset) is what the records got; -1 after a fault. Of a duplicate that is
  /// still known: where it was stored.
  int64_t first_offset = -1;
  int64_t next_offset = -1;
  int64_t append_time_ms = -1;  // -1 unless message.timestamp.type is LogAppendTime
  int64_t start_offset = -1;    // of the partition
  bool duplicate = false;

  bool ok() const { return fault == AppendFault::kNone; }
};

/// Who appends, and what that allows.
enum class AppendOrigin : uint8_t {
  kClient,
  /// The broker itself: no checks of times, keys and sizes; control batches and batches of a
  /// producer without sequences are taken.
  kCoordinator,
};

struct ForeignAppend {
  AppendOrigin origin = AppendOrigin::kClient;
  int32_t leader_epoch = 0;
  /// False for requests before Produce 7: kUnsupportedCodec for Zstandard.
  bool allow_zstd = true;
  /// Refuses, with kInvalidTxnState, the first batch of a transaction in this partition unless
  /// `verification` is what start_verification gave for it and no marker came since (KIP-890).
  bool verify = false;
  uint64_t verification = 0;
};

}  // namespace cne::log
