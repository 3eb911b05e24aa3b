#include "kafka/transaction_coordinator.h"

#include <algorithm>

#include "core/error.h"
#include "kafka/transaction_records.h"

namespace cne::kafka {

namespace {

using State = TransactionState;

/// Two phases commit outside of Kafka's transactions: no timeout.
constexpr int32_t kNoTimeout = 2'147'483'647;

State complete_state(State prepared) {
  return prepared == State::kPrepareCommit ? State::kCompleteCommit : State::kCompleteAbort;
}

}  // namespace

void TransactionCoordinator::restore(std::string_view key,
                                     const std::optional<std::string_view>& value) {
  const auto id = decode_transaction_key(key);
  if (!id) return;
  const std::lock_guard lock(mutex_);
  if (!value) {
    entries_.erase(*id);
    return;
  }
  auto entry = std::make_shared<Entry>();
  entry->value = decode_transaction_value(*value);
  entries_[*id] = std::move(entry);
}

void TransactionCoordinator::resume(int64_t now_ms) {
  std::vector<std::pair<std::string, EntryPtr>> prepared;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      if (!entry->value.is_prepared()) continue;
      entry->pending = complete_state(entry->value.state);
      entry->unmarked = entry->value.partitions;
      prepared.emplace_back(id, entry);
    }
  }
  for (const auto& [id, entry] : prepared) write_markers(id, entry, now_ms);
}

TransactionCoordinator::EntryPtr TransactionCoordinator::find_entry(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

void TransactionCoordinator::init(const std::string& id, int32_t timeout_ms,
                                  const std::optional<ProducerIdentity>& expected, int64_t now_ms,
                                  DoneWithProducer done) {
  if (id.empty()) return done(ErrorCode::kInvalidRequest, {});
  if (timeout_ms <= 0 || timeout_ms > config_.max_timeout_ms)
    return done(ErrorCode::kInvalidTransactionTimeout, {});
  EntryPtr entry;
  TransactionStep step;
  {
    const std::lock_guard lock(mutex_);
    entry = find_entry(id);
    if (!entry) {
      entry = std::make_shared<Entry>();
      entry->value.producer_id = new_id();
      entry->value.timeout_ms = timeout_ms;
      entry->value.updated_ms = now_ms;
      entries_[id] = entry;
    }
    step = init_step(entry->value, entry->pending.has_value(), expected, timeout_ms, now_ms,
                     [this] { return new_id(); });
    if (step.next) entry->pending = step.next->state;
  }
  if (!step.next) return done(step.error, {});
  if (step.next->is_prepared())
    return prepare(id, entry, std::move(*step.next), now_ms,
                   [done = std::move(done), after = step.error](ErrorCode error) {
                     done(error == ErrorCode::kNone ? after : error, {});
                   });
  const ProducerIdentity producer{step.next->producer_id, step.next->epoch};
  write(id, entry, std::move(*step.next), [done = std::move(done), producer](bool ok) {
    if (ok)
      done(ErrorCode::kNone, producer);
    else
      done(ErrorCode::kCoordinatorNotAvailable, {});
  });
}

void TransactionCoordinator::add(const std::string& id, const ProducerIdentity& producer,
                                 const TransactionPartitions& partitions, int16_t version,
                                 int64_t now_ms, Done done) {
  if (id.empty()) return done(ErrorCode::kInvalidRequest);
  EntryPtr entry;
  TransactionStep step{ErrorCode::kInvalidProducerIdMapping, std::nullopt};
  {
    const std::lock_guard lock(mutex_);
    entry = find_entry(id);
    if (entry)
      step =
          add_step(entry->value, entry->pending.has_value(), producer, partitions, version, now_ms);
    if (step.next) entry->pending = step.next->state;
  }
  if (!step.next) return done(step.error);
  write(id, entry, std::move(*step.next), [done = std::move(done)](bool ok) {
    done(ok ? ErrorCode::kNone : ErrorCode::kCoordinatorNotAvailable);
  });
}

std::vector<std::pair<TransactionPartition, ErrorCode>> TransactionCoordinator::verify(
    const std::string& id, const ProducerIdentity& producer,
    const TransactionPartitions& partitions) {
  std::vector<std::pair<TransactionPartition, ErrorCode>> out;
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = find_entry(id);
  for (const TransactionPartition& each : partitions) {
    ErrorCode error = ErrorCode::kInvalidProducerIdMapping;
    if (id.empty())
      error = ErrorCode::kInvalidRequest;
    else if (entry)
      error = kafka::verify(entry->value, producer, each);
    out.emplace_back(each, error);
  }
  return out;
}

void TransactionCoordinator::end(const std::string& id, const ProducerIdentity& producer,
                                 bool commit, int16_t version, int64_t now_ms,
                                 DoneWithProducer done) {
  if (id.empty()) return done(ErrorCode::kInvalidRequest, {});
  EntryPtr entry;
  TransactionStep step{ErrorCode::kInvalidProducerIdMapping, std::nullopt};
  ProducerIdentity then;
  {
    const std::lock_guard lock(mutex_);
    entry = find_entry(id);
    if (entry) {
      step = end_step(entry->value, entry->pending.has_value(), producer, commit, version, now_ms,
                      [this] { return new_id(); });
      if (step.next) entry->pending = step.next->state;
      const Transaction last = step.next ? complete_step(*step.next, now_ms) : entry->value;
      then = {last.producer_id, last.epoch};
    }
  }
  if (!step.next)
    return done(step.error, step.error == ErrorCode::kNone ? then : ProducerIdentity());
  prepare(id, entry, std::move(*step.next), now_ms,
          [done = std::move(done), then](ErrorCode error) {
            done(error, error == ErrorCode::kNone ? then : ProducerIdentity());
          });
}

void TransactionCoordinator::write(const std::string& id, const EntryPtr& entry, Transaction next,
                                   std::function<void(bool ok)> then) {
  auto value = std::make_shared<const Transaction>(std::move(next));
  backend_->append(id, value.get(),
                   [self = shared_from_this(), entry, value, then = std::move(then)](bool ok) {
                     {
                       const std::lock_guard lock(self->mutex_);
                       if (ok) entry->value = *value;
                       entry->pending.reset();
                       if (ok && value->is_prepared())
                         entry->pending = complete_state(value->state);
                     }
                     then(ok);
                     self->settle(entry);
                   });
}

void TransactionCoordinator::settle(const EntryPtr& entry) {
  std::vector<std::function<void()>> waiters;
  {
    const std::lock_guard lock(mutex_);
    if (entry->is_settled()) waiters.swap(entry->waiters);
  }
  for (const auto& waiter : waiters) waiter();
}

void TransactionCoordinator::when_settled(const std::string& id, std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    const EntryPtr entry = find_entry(id);
    if (entry && !entry->is_settled()) {
      entry->waiters.push_back(std::move(then));
      return;
    }
  }
  then();
}

void TransactionCoordinator::tick(int64_t now_ms) {
  std::vector<std::pair<std::string, EntryPtr>> unmarked;
  std::vector<std::pair<std::string, EntryPtr>> unfinished;
  struct Abort {
    std::string id;
    EntryPtr entry;
    Transaction next;
  };
  std::vector<Abort> aborts;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      const Transaction& value = entry->value;
      if (value.is_prepared() && entry->on_the_way == 0 && !entry->unmarked.empty())
        unmarked.emplace_back(id, entry);
      if (std::exchange(entry->unfinished, false)) unfinished.emplace_back(id, entry);
      if (value.state != State::kOngoing || entry->pending || value.timeout_ms == kNoTimeout ||
          value.start_ms + value.timeout_ms >= now_ms)
        continue;
      try {
        aborts.push_back({id, entry, abort_step(value, now_ms, [this] { return new_id(); })});
      } catch (const IoError&) {
        continue;  // no new producer id now; the next tick tries again
      }
      entry->pending = State::kPrepareAbort;
    }
  }
  for (const auto& [id, entry] : unmarked) write_markers(id, entry, now_ms);
  for (const auto& [id, entry] : unfinished) complete(id, entry, now_ms);
  for (Abort& each : aborts)
    prepare(each.id, each.entry, std::move(each.next), now_ms, [](ErrorCode) {});
}

void TransactionCoordinator::expire(int64_t now_ms) {
  std::vector<std::pair<std::string, EntryPtr>> expired;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      if (!entry->value.is_over() || entry->pending ||
          entry->value.updated_ms > now_ms - config_.id_expiration_ms)
        continue;
      entry->pending = State::kDead;
      expired.emplace_back(id, entry);
    }
  }
  for (const auto& [id, entry] : expired)
    backend_->append(id, nullptr, [self = shared_from_this(), id, entry](bool ok) {
      {
        const std::lock_guard lock(self->mutex_);
        entry->pending.reset();
        if (ok) self->entries_.erase(id);
      }
      self->settle(entry);
    });
}

std::optional<Transaction> TransactionCoordinator::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const EntryPtr entry = find_entry(id);
  if (!entry) return std::nullopt;
  return entry->value;
}

std::vector<std::pair<std::string, Transaction>> TransactionCoordinator::list(
    const std::function<bool(const std::string& id, const Transaction& value)>& wanted) const {
  std::vector<std::pair<std::string, Transaction>> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_)
      if (wanted(id, entry->value)) out.emplace_back(id, entry->value);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

}  // namespace cne::kafka
