#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "kafka/error_code.h"

namespace cne::kafka {

/// Where a transactional id is, by the numbers that its records have for it.
///
///     Empty ──add──► Ongoing ──end──► PrepareCommit ──markers written──► CompleteCommit
///       ▲  ▲            │ ▲ └──end, timeout, new owner──► PrepareAbort ──► CompleteAbort
///       │  └────────────┼─┴─────────────────────add──────────────────────────┤
///       └───────────────┴────────────new owner (InitProducerId)──────────────┘
///
/// kDead (its record is being deleted) and kPrepareEpochFence are never written.
enum class TransactionState : int8_t {
  kEmpty = 0,
  kOngoing = 1,
  kPrepareCommit = 2,
  kPrepareAbort = 3,
  kCompleteCommit = 4,
  kCompleteAbort = 5,
  kDead = 6,
  kPrepareEpochFence = 7,
};
/// "PrepareCommit", as DescribeTransactions has it.
const char* state_name(TransactionState state);
std::optional<TransactionState> parse_transaction_state(std::string_view name);

struct TransactionPartition {
  std::string topic;
  int32_t index = 0;
  auto operator<=>(const TransactionPartition&) const = default;
};
using TransactionPartitions = std::set<TransactionPartition>;

/// Who a producer says that it is.
struct ProducerIdentity {
  int64_t id = -1;
  int16_t epoch = -1;
  bool operator==(const ProducerIdentity&) const = default;
};

/// The protocol that a client uses for a transaction: since kEpochBump (KIP-890,
/// transaction.version 2) every end of a transaction gives the producer a new epoch.
struct TransactionVersion {
  static constexpr int16_t kOld = 0;
  static constexpr int16_t kEpochBump = 2;
};

/// What is known of one transactional id.
struct Transaction {
  int64_t producer_id = -1;
  int64_t previous_producer_id = -1;
  int64_t next_producer_id = -1;  // the one after the completion, when the epochs are used up
  int16_t epoch = -1;
  int16_t last_epoch = -1;  // the one before, as far as a retry may still name it; not written
  int32_t timeout_ms = 0;
  TransactionState state = TransactionState::kEmpty;
  TransactionPartitions partitions;
  int64_t start_ms = -1;
  int64_t updated_ms = -1;
  int16_t client_version = TransactionVersion::kOld;

  bool operator==(const Transaction&) const = default;
  /// The largest epoch is kept for fencing the owner of the last but one.
  static bool is_exhausted(int16_t epoch) { return epoch >= 32766; }
  bool is_epoch_exhausted() const { return is_exhausted(epoch); }
  bool is_prepared() const {
    return state == TransactionState::kPrepareCommit || state == TransactionState::kPrepareAbort;
  }
  bool is_over() const {
    return state == TransactionState::kEmpty || state == TransactionState::kCompleteCommit ||
           state == TransactionState::kCompleteAbort;
  }
};

/// What is to become of a transaction: an error, or its next state, or neither when all is done.
struct TransactionStep {
  ErrorCode error = ErrorCode::kNone;
  std::optional<Transaction> next;
};

/// Gives an id that was never given before. May throw.
using NewProducerId = std::function<int64_t()>;

// The rules of Kafka 4.2, each a function of the state. `pending` says that a next state is being
// written; `now_ms` is the time.

/// InitProducerId. An Ongoing transaction is aborted, and the caller has to ask again: the error is
/// kConcurrentTransactions and there is a next state.
TransactionStep init_step(const Transaction& now, bool pending,
                          const std::optional<ProducerIdentity>& expected, int32_t timeout_ms,
                          int64_t now_ms, const NewProducerId& new_id);
TransactionStep add_step(const Transaction& now, bool pending, const ProducerIdentity& producer,
                         const TransactionPartitions& partitions, int16_t version, int64_t now_ms);
/// Whether a partition is part of the transaction (AddPartitionsToTxn with verify_only).
ErrorCode verify(const Transaction& now, const ProducerIdentity& producer,
                 const TransactionPartition& partition);
TransactionStep end_step(const Transaction& now, bool pending, const ProducerIdentity& producer,
                         bool commit, int16_t version, int64_t now_ms, const NewProducerId& new_id);
/// The coordinator gives up an Ongoing transaction, with a new epoch.
Transaction abort_step(const Transaction& now, int64_t now_ms, const NewProducerId& new_id);
/// All markers of a prepared transaction are written.
Transaction complete_step(const Transaction& now, int64_t now_ms);

}  // namespace cne::kafka
