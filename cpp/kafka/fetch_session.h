#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kafka/error_code.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// One partition that a fetch asks for, and what its session told the client last.
struct FetchTarget {
  std::string topic;  // empty while only the id is known
  Uuid topic_id;
  int32_t index = 0;
  int64_t offset = 0;
  int32_t max_bytes = 0;
  int32_t leader_epoch = -1;
  int64_t told_high_watermark = -1;
  int64_t told_start_offset = -1;
  bool told_error = false;  // told again until it is over
};

/// What a consumer fetches from one fetch to the next (KIP-227): a fetch names only what changes,
/// and its response only what there is to tell.
class FetchSession {
 public:
  using Key = std::pair<std::pair<std::string, Uuid>, int32_t>;

  FetchSession(int32_t id, std::string owner) : id_(id), owner_(std::move(owner)) {}
  int32_t id() const { return id_; }
  const std::string& owner() const { return owner_; }

  /// Adds or changes partitions, which then stand last, as Kafka has it.
  void update(const std::vector<FetchTarget>& changed);
  void forget(const std::string& topic, const Uuid& topic_id, int32_t index);
  /// In the order in which they are to be served.
  std::list<FetchTarget>& targets() { return targets_; }
  /// A partition that gave records goes last, so that none starves.
  void move_last(std::list<FetchTarget>::iterator target);

  int32_t next_epoch = 1;
  int64_t used_ms = 0;
  /// Held while a fetch of the session is answered.
  std::mutex mutex;

 private:
  static Key key_of(const FetchTarget& target);

  const int32_t id_;
  const std::string owner_;  // the principal
  std::list<FetchTarget> targets_;
  std::map<Key, std::list<FetchTarget>::iterator> by_key_;
};

/// The sessions of a broker: at most `slots`. A new one takes the place of one that was not used
/// for two minutes, or there is none (its fetches name everything each time). Thread safe.
class FetchSessions {
 public:
  explicit FetchSessions(size_t slots) : slots_(slots) {}

  /// Null when there is no room.
  std::shared_ptr<FetchSession> create(const std::string& owner, int64_t now_ms);
  /// The session of an id and epoch, which it moves on; else the error to answer.
  std::pair<std::shared_ptr<FetchSession>, ErrorCode> find(int32_t id, int32_t epoch,
                                                           const std::string& owner,
                                                           int64_t now_ms);
  void remove(int32_t id, const std::string& owner);
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  const size_t slots_;
  std::unordered_map<int32_t, std::shared_ptr<FetchSession>> sessions_;
};

}  // namespace cne::kafka
