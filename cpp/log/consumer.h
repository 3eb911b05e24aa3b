#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/table.h"
#include "log/topic_store.h"

namespace cne::log {

struct ConsumerOptions {
  /// Where to begin when nothing says it, or what was said is no longer there.
  enum class Reset : uint8_t { kEarliest, kLatest, kNone };
  Reset reset = Reset::kEarliest;
  /// Shows nothing of open and aborted transactions.
  bool read_committed = true;
};

/// Records of one partition that a consumer took.
struct Consumed {
  std::string topic;
  int32_t partition = 0;
  Table records;  // of record_schema, not empty
};

/// Reads some partitions of a store, each from its own position on, in turns, and waits for more.
///
/// Thread safe: several threads may wait and take, each record comes once. Uses the store, which
/// must outlive it. In a forked child every call throws StateError, and nothing is waited for.
class Consumer {
 public:
  using Key = std::pair<std::string, int32_t>;
  /// Offsets that stand for the first one that is there, and for the one that comes next.
  static constexpr int64_t kEarliest = -2;
  static constexpr int64_t kLatest = -1;
  struct Start {
    Key key;
    std::optional<int64_t> offset;  // none: as the options say
  };

  Consumer(TopicStore& store, const ConsumerOptions& options);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  /// These partitions and no others from now on; where they begin is decided now. Throws
  /// NotFoundError, ArgumentError for one that is named twice, StateError where an offset is
  /// needed.
  void assign(const std::vector<Start>& starts);
  /// Some more of them; the others stay as they are. Throws as `assign`, and takes none then.
  void add(const std::vector<Start>& starts);
  /// Those of them that are assigned are so no longer.
  void remove(const std::vector<Key>& keys);
  /// Those whose topic was deleted are assigned no longer.
  void drop_deleted();
  std::vector<Key> assignment();
  /// Throws NotFoundError, here and below, when the partition is not assigned.
  void seek(const Key& key, int64_t offset);
  /// The offset of the next record that will be taken.
  int64_t position(const Key& key);
  /// Paused partitions give nothing until they are resumed.
  void pause(const std::vector<Key>& keys, bool paused);
  std::vector<Key> paused();

  /// Waits until `take` would give records: true; or until the time is over or the consumer was
  /// closed: false. Throws what the reading of a partition throws: ArgumentError for an offset
  /// that is out of range without a reset, NotFoundError for a deleted topic, CorruptionError.
  bool wait(int64_t timeout_ms);
  /// Up to `max_rows` records that are there, without waiting; of one topic if so wanted.
  std::vector<Consumed> take(int64_t max_rows, bool one_topic);
  /// Whoever waits returns; every call after it but `close` throws StateError.
  void close();
  bool closed() const;

 private:
  struct Signal;
  struct Part {
    Key key;
    std::shared_ptr<PartitionLog> log;
    std::shared_ptr<std::atomic<bool>> grew;  // there may be more to fetch
    int64_t next_fetch = 0;
    std::deque<Table> ready;  // fetched, not taken
    bool paused = false;

    int64_t position() const;
  };

  void check_open(const char* function) const;
  Part& find(const Key& key, const char* function);
  Part open(const Start& start);
  std::vector<Part> open_all(const std::vector<Start>& starts);
  int64_t resolve(PartitionLog& log, std::optional<int64_t> offset, const Key& key) const;
  int64_t end_of(PartitionLog& log) const;
  bool fill(Part& part, int64_t max_bytes);
  void fetch(Part& part, int64_t max_bytes);
  static int64_t take_from(Part& part, int64_t max_rows, std::vector<Consumed>& out);
  bool has_records();
  bool is_deleted(const Part& part);
  void check_topics();
  void watch();

  TopicStore& store_;
  const ConsumerOptions options_;
  const bool follows_;  // another process writes: nobody tells when it does
  const uint64_t forks_;
  std::shared_ptr<Signal> signal_;
  uint64_t listener_ = 0;
  std::mutex mutex_;  // guards what follows
  std::vector<Part> parts_;
  size_t turn_ = 0;  // whose turn it is
};

}  // namespace cne::log
