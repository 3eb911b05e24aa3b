#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kafka/error_code.h"
#include "kafka/transaction.h"

namespace cne::kafka {

/// What ends a producer's transaction in one partition.
struct TransactionMarker {
  ProducerIdentity producer;
  bool commit = false;
};

/// What a TransactionCoordinator asks of the log. `done` is called once, in the call or later, on
/// any thread.
class TransactionBackend {
 public:
  virtual ~TransactionBackend() = default;
  /// Appends a record of __transaction_state; without a value, which need not stay beyond the call,
  /// the id is forgotten. `ok`: it is as safe as the topic's fsync promises.
  virtual void append(const std::string& transactional_id, const Transaction* value,
                      std::function<void(bool ok)> done) = 0;
  /// `ok` says that the marker is in the partition, or that there is nothing there to end; without
  /// it the marker has to be written again.
  virtual void write_marker(const TransactionPartition& partition, const TransactionMarker& marker,
                            std::function<void(bool ok)> done) = 0;
  /// Throws IoError.
  virtual int64_t next_producer_id() = 0;
};

/// The transactions of all transactional ids.
///
/// A state is in force once its record is safe; until then the id has a pending state, and whoever
/// comes gets kConcurrentTransactions. When a Prepare state is safe, the markers are written to all
/// its partitions, and after the last one the Complete state. What a crash leaves in a Prepare
/// state `resume` goes on with.
///
/// Thread safe, without threads of its own: time comes in with the calls, answers go out by
/// callbacks, which are called once, without locks, in the call or later. It lives as long as a
/// callback of the backend is on its way.
class TransactionCoordinator : public std::enable_shared_from_this<TransactionCoordinator> {
 public:
  struct Config {
    int64_t max_timeout_ms = 900'000;
    int64_t id_expiration_ms = 604'800'000;
  };
  using Done = std::function<void(ErrorCode error)>;
  using DoneWithProducer = std::function<void(ErrorCode error, ProducerIdentity producer)>;

  TransactionCoordinator(std::shared_ptr<TransactionBackend> backend, Config config)
      : backend_(std::move(backend)), config_(config) {}

  /// Takes a record of __transaction_state, in their order; before everything else. Throws
  /// WireError.
  void restore(std::string_view key, const std::optional<std::string_view>& value);
  /// Goes on with what was prepared before.
  void resume(int64_t now_ms);

  // Requests. Throws IoError when the file of producer ids cannot be written; nothing has changed
  // then.
  void init(const std::string& id, int32_t timeout_ms,
            const std::optional<ProducerIdentity>& expected, int64_t now_ms, DoneWithProducer done);
  void add(const std::string& id, const ProducerIdentity& producer,
           const TransactionPartitions& partitions, int16_t version, int64_t now_ms, Done done);
  std::vector<std::pair<TransactionPartition, ErrorCode>> verify(
      const std::string& id, const ProducerIdentity& producer,
      const TransactionPartitions& partitions);
  /// The producer that it tells is who the client is from now on (KIP-890).
  void end(const std::string& id, const ProducerIdentity& producer, bool commit, int16_t version,
           int64_t now_ms, DoneWithProducer done);

  /// Aborts transactions that took longer than their timeout, and writes markers again that could
  /// not be written.
  void tick(int64_t now_ms);
  /// Forgets ids that were not used for id_expiration_ms.
  void expire(int64_t now_ms);

  /// Calls `then` once no state of the id is pending and no marker is left to write: at once when
  /// that is so.
  void when_settled(const std::string& id, std::function<void()> then);

  std::optional<Transaction> find(const std::string& id) const;
  /// By id, those alone that `wanted` takes.
  std::vector<std::pair<std::string, Transaction>> list(
      const std::function<bool(const std::string& id, const Transaction& value)>& wanted) const;

 private:
  struct Entry {
    Transaction value;
    std::optional<TransactionState> pending;
    // Of a prepared transaction.
    TransactionPartitions unmarked;  // partitions without a marker that nobody writes now
    size_t on_the_way = 0;           // markers
    bool unfinished = false;         // the Complete record could not be written
    std::vector<std::function<void()>> waiters;

    bool is_settled() const { return !pending && !value.is_prepared(); }
  };
  using EntryPtr = std::shared_ptr<Entry>;

  EntryPtr find_entry(const std::string& id) const;
  int64_t new_id() { return backend_->next_producer_id(); }
  /// Writes the next state; `then` comes after it is in force, or not.
  void write(const std::string& id, const EntryPtr& entry, Transaction next,
             std::function<void(bool ok)> then);
  /// Writes a Prepare state and all that follows.
  void prepare(const std::string& id, const EntryPtr& entry, Transaction next, int64_t now_ms,
               Done done);
  void write_markers(const std::string& id, const EntryPtr& entry, int64_t now_ms);
  void complete(const std::string& id, const EntryPtr& entry, int64_t now_ms);
  void settle(const EntryPtr& entry);

  const std::shared_ptr<TransactionBackend> backend_;
  const Config config_;
  mutable std::mutex mutex_;  // guards what follows and the entries; not held in calls out
  std::unordered_map<std::string, EntryPtr> entries_;
};

}  // namespace cne::kafka
