#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kafka/group_records.h"

namespace cne::kafka {

/// One offset on its way into a group.
struct OffsetCommit {
  std::string topic;
  int32_t partition = 0;
  OffsetValue value;
};

/// The offsets of one group: committed ones, which readers see, and those that wait for the log or
/// for the end of a transaction. `order` numbers what is written, ascending in the log.
class GroupOffsets {
 public:
  using Place = std::pair<std::string, int32_t>;  // topic, partition

  /// Written, but not yet safe. Each `begin` is followed by one `commit` or `fail`.
  void begin() { ++in_flight_; }
  void commit(const OffsetCommit& commit, uint64_t order);
  void fail() {
    if (--in_flight_ == 0) erased_.clear();
  }

  /// Of a transaction: unstable until its end, from when it is written; `unpend` when that failed.
  void pend(int64_t producer_id, const OffsetCommit& commit, uint64_t order);
  void unpend(int64_t producer_id, const OffsetCommit& commit, uint64_t order);
  /// Commits what the transaction brought unless something later was committed; or forgets it.
  void end_transaction(int64_t producer_id, bool committed);
  bool has_transaction(int64_t producer_id) const { return pending_.contains(producer_id); }

  /// As read from the log.
  void restore(const OffsetCommit& commit, uint64_t order);
  /// Whatever was written before `order` is gone, also what is still on its way.
  void erase(const std::string& topic, int32_t partition, uint64_t order);

  /// Null when there is none.
  const OffsetValue* find(const std::string& topic, int32_t partition) const;
  bool is_unstable(const std::string& topic, int32_t partition) const;
  bool knows(const std::string& topic, int32_t partition) const {
    return find(topic, partition) != nullptr || is_unstable(topic, partition);
  }
  /// Committed and unstable ones, ascending.
  std::vector<Place> places() const;
  /// Committed ones that `is_over` says of and no transaction waits for.
  std::vector<Place> expired(
      const std::function<bool(const std::string&, const OffsetValue&)>& is_over) const;
  /// Nothing is in it or about to come.
  bool is_blank() const { return committed_.empty() && pending_.empty() && in_flight_ == 0; }
  size_t size() const { return committed_.size(); }

 private:
  struct Entry {
    OffsetValue value;
    uint64_t order = 0;
  };
  void put(const Place& place, const OffsetValue& value, uint64_t order);

  std::map<Place, Entry> committed_;
  std::map<int64_t, std::map<Place, Entry>> pending_;  // by producer
  std::map<Place, uint64_t> erased_;  // with what order, while anything is in flight
  int64_t in_flight_ = 0;
};

}  // namespace cne::kafka
