#include "kafka/transaction.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

namespace cne::kafka {

namespace {

using State = TransactionState;

constexpr int16_t kLastEpoch = std::numeric_limits<int16_t>::max();
constexpr std::array<const char*, 8> kNames = {"Empty",        "Ongoing",          "PrepareCommit",
                                               "PrepareAbort", "CompleteCommit",   "CompleteAbort",
                                               "Dead",         "PrepareEpochFence"};

TransactionStep refuse(ErrorCode error) { return {error, std::nullopt}; }

/// What every next state has in common.
Transaction after(const Transaction& now, State state, int64_t now_ms) {
  Transaction next = now;
  next.state = state;
  next.previous_producer_id = now.producer_id;
  next.updated_ms = now_ms;
  return next;
}

Transaction begin_anew(const Transaction& now, int32_t timeout_ms, int64_t now_ms) {
  Transaction next = after(now, State::kEmpty, now_ms);
  next.timeout_ms = timeout_ms;
  next.partitions.clear();
  next.start_ms = -1;
  return next;
}

TransactionStep next_epoch(const Transaction& now, const std::optional<ProducerIdentity>& expected,
                           int32_t timeout_ms, int64_t now_ms) {
  Transaction next = begin_anew(now, timeout_ms, now_ms);
  if (expected && now.epoch >= 0 && expected->epoch != now.epoch) {
    // The answer to a call that succeeded was lost, or somebody else owns the id.
    if (expected->epoch != now.last_epoch) return refuse(ErrorCode::kProducerFenced);
    return {ErrorCode::kNone, std::move(next)};
  }
  next.epoch = static_cast<int16_t>(now.epoch + 1);
  next.last_epoch = expected ? now.epoch : int16_t{-1};
  return {ErrorCode::kNone, std::move(next)};
}

/// To PrepareCommit or PrepareAbort with a new epoch.
Transaction prepare(const Transaction& now, State state, int64_t now_ms,
                    const NewProducerId& new_id) {
  Transaction next = after(now, state, now_ms);
  next.next_producer_id = now.is_epoch_exhausted() ? new_id() : -1;
  next.epoch = now.epoch < kLastEpoch ? static_cast<int16_t>(now.epoch + 1) : kLastEpoch;
  next.last_epoch = now.epoch;
  next.client_version = TransactionVersion::kEpochBump;
  if (now.is_over()) next.start_ms = now_ms;  // nothing was added
  return next;
}

TransactionStep end_old(const Transaction& now, bool pending, const ProducerIdentity& producer,
                        bool commit, int64_t now_ms) {
  if (now.producer_id != producer.id) return refuse(ErrorCode::kInvalidProducerIdMapping);
  if (now.epoch != producer.epoch) return refuse(ErrorCode::kProducerFenced);
  if (pending) return refuse(ErrorCode::kConcurrentTransactions);
  switch (now.state) {
    case State::kOngoing: {
      Transaction next = after(now, commit ? State::kPrepareCommit : State::kPrepareAbort, now_ms);
      next.next_producer_id = -1;
      next.client_version = TransactionVersion::kOld;
      return {ErrorCode::kNone, std::move(next)};
    }
    case State::kCompleteCommit:
      return refuse(commit ? ErrorCode::kNone : ErrorCode::kInvalidTxnState);
    case State::kCompleteAbort:
      return refuse(commit ? ErrorCode::kInvalidTxnState : ErrorCode::kNone);
    case State::kPrepareCommit:
      return refuse(commit ? ErrorCode::kConcurrentTransactions : ErrorCode::kInvalidTxnState);
    case State::kPrepareAbort:
      return refuse(commit ? ErrorCode::kInvalidTxnState : ErrorCode::kConcurrentTransactions);
    default:
      return refuse(ErrorCode::kInvalidTxnState);
  }
}

}  // namespace

const char* state_name(TransactionState state) { return kNames[static_cast<size_t>(state)]; }

std::optional<TransactionState> parse_transaction_state(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<TransactionState>(found - kNames.begin());
}

TransactionStep init_step(const Transaction& now, bool pending,
                          const std::optional<ProducerIdentity>& expected, int32_t timeout_ms,
                          int64_t now_ms, const NewProducerId& new_id) {
  if (pending) return refuse(ErrorCode::kConcurrentTransactions);
  // Fresh ids take anyone; the previous producer id may come again when its epochs were used up and
  // the answer with the new one was lost.
  if (expected && now.epoch >= 0 && expected->id != now.producer_id &&
      !(expected->id == now.previous_producer_id && Transaction::is_exhausted(expected->epoch)))
    return refuse(ErrorCode::kProducerFenced);
  if (now.is_prepared()) return refuse(ErrorCode::kConcurrentTransactions);
  if (now.state == State::kOngoing)
    return {ErrorCode::kConcurrentTransactions, abort_step(now, now_ms, new_id)};
  if (!now.is_epoch_exhausted() || (expected && expected->epoch != now.epoch))
    return next_epoch(now, expected, timeout_ms, now_ms);
  Transaction next = begin_anew(now, timeout_ms, now_ms);
  next.producer_id = new_id();
  next.epoch = 0;
  next.last_epoch = expected ? now.epoch : int16_t{-1};
  return {ErrorCode::kNone, std::move(next)};
}

TransactionStep add_step(const Transaction& now, bool pending, const ProducerIdentity& producer,
                         const TransactionPartitions& partitions, int16_t version, int64_t now_ms) {
  // First, so that a producer whose epoch is about to change by its own EndTxn is not fenced.
  if (pending) return refuse(ErrorCode::kConcurrentTransactions);
  if (now.producer_id != producer.id) return refuse(ErrorCode::kInvalidProducerIdMapping);
  if (now.epoch != producer.epoch) return refuse(ErrorCode::kProducerFenced);
  if (now.is_prepared()) return refuse(ErrorCode::kConcurrentTransactions);
  if (now.state == State::kOngoing && std::includes(now.partitions.begin(), now.partitions.end(),
                                                    partitions.begin(), partitions.end()))
    return {};
  Transaction next = after(now, State::kOngoing, now_ms);
  next.partitions.insert(partitions.begin(), partitions.end());
  if (now.is_over()) next.start_ms = now_ms;
  next.client_version = version;
  return {ErrorCode::kNone, std::move(next)};
}

ErrorCode verify(const Transaction& now, const ProducerIdentity& producer,
                 const TransactionPartition& partition) {
  // A pending state does not matter: the partition itself checks once more.
  if (now.producer_id != producer.id) return ErrorCode::kInvalidProducerIdMapping;
  if (now.epoch != producer.epoch) return ErrorCode::kProducerFenced;
  if (now.is_prepared()) return ErrorCode::kConcurrentTransactions;
  return now.partitions.contains(partition) ? ErrorCode::kNone : ErrorCode::kTransactionAbortable;
}

TransactionStep end_step(const Transaction& now, bool pending, const ProducerIdentity& producer,
                         bool commit, int16_t version, int64_t now_ms,
                         const NewProducerId& new_id) {
  if (version < TransactionVersion::kEpochBump)
    return end_old(now, pending, producer, commit, now_ms);
  // As each end of a transaction changes the epoch, the epoch tells the retry of a call that
  // succeeded from the next call.
  const bool rotated = now.previous_producer_id == producer.id &&
                       producer.epoch == kLastEpoch - 1 && now.epoch == 0 &&
                       now.producer_id != producer.id;
  const bool is_retry = rotated || now.epoch == producer.epoch + 1;
  if (pending) return refuse(ErrorCode::kConcurrentTransactions);
  if (now.producer_id != producer.id && !rotated)
    return refuse(ErrorCode::kInvalidProducerIdMapping);
  const bool is_current = now.epoch == producer.epoch;
  bool valid = is_current;
  if (now.is_prepared()) valid = is_retry;
  if (now.state == State::kCompleteCommit || now.state == State::kCompleteAbort)
    valid = is_current || is_retry;
  if (!valid) return refuse(ErrorCode::kProducerFenced);

  switch (now.state) {
    case State::kOngoing:
      return {ErrorCode::kNone,
              prepare(now, commit ? State::kPrepareCommit : State::kPrepareAbort, now_ms, new_id)};
    case State::kCompleteCommit:
      if (is_retry) return refuse(commit ? ErrorCode::kNone : ErrorCode::kInvalidTxnState);
      break;
    case State::kCompleteAbort:
      if (is_retry) return refuse(commit ? ErrorCode::kInvalidTxnState : ErrorCode::kNone);
      break;
    case State::kPrepareCommit:
      return refuse(commit ? ErrorCode::kConcurrentTransactions : ErrorCode::kInvalidTxnState);
    case State::kPrepareAbort:
      return refuse(commit ? ErrorCode::kInvalidTxnState : ErrorCode::kConcurrentTransactions);
    case State::kEmpty:
      break;
    default:
      return refuse(ErrorCode::kInvalidTxnState);
  }
  // A client that does not know whether anything of its transaction arrived aborts it.
  if (commit) return refuse(ErrorCode::kInvalidTxnState);
  return {ErrorCode::kNone, prepare(now, State::kPrepareAbort, now_ms, new_id)};
}

Transaction abort_step(const Transaction& now, int64_t now_ms, const NewProducerId& new_id) {
  return prepare(now, State::kPrepareAbort, now_ms, new_id);
}

Transaction complete_step(const Transaction& now, int64_t now_ms) {
  assert(now.is_prepared());
  Transaction next = after(
      now, now.state == State::kPrepareCommit ? State::kCompleteCommit : State::kCompleteAbort,
      now_ms);
  next.partitions.clear();
  if (now.client_version >= TransactionVersion::kEpochBump && now.next_producer_id >= 0) {
    next.producer_id = now.next_producer_id;
    next.epoch = 0;
  }
  next.next_producer_id = -1;
  return next;
}

}  // namespace cne::kafka
