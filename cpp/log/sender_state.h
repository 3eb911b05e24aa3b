#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/fork_guard.h"
#include "log/sender.h"

namespace cne::log {

/// Records of one partition on their way. Guarded by the state's mutex, but for the encoder of a
/// batch that is being written.
struct Sender::Batch {
  enum class Stage : uint8_t { kOpen, kQueued, kDone };

  uint64_t number = 0;  // ascending
  int32_t partition = 0;
  std::shared_ptr<PartitionLog> log;
  RecordEncoder encoder;
  std::chrono::steady_clock::time_point due;
  size_t size = 0;  // what the buffer was charged with
  int32_t count = 0;
  Stage stage = Stage::kOpen;
  bool watched = false;
  AppendFault fault = AppendFault::kNone;
  std::string why;
  int64_t first_offset = -1;
};

/// What a sender, its thread, and deliveries share.
struct Sender::State : std::enable_shared_from_this<Sender::State> {
  using BatchPtr = std::shared_ptr<Batch>;
  struct Lane {
    std::shared_ptr<PartitionLog> log;
    BatchPtr batch;  // the last one; takes more records while it is open

    bool is_open() const { return batch && batch->stage == Batch::Stage::kOpen; }
  };
  struct Topic {
    std::string name;
    std::shared_ptr<const TopicStore::TopicInfo> info;
    size_t batch_bytes = 0;
    std::vector<Lane> lanes;
    size_t sticky = 0;  // where records without a key go, until a batch there is closed

    bool fits(size_t lane, size_t size) const {
      return lanes[lane].is_open() && lanes[lane].batch->size + size <= batch_bytes;
    }
  };

  State(TopicStore& with, const SenderOptions& how) : store(with), options(how) {}

  Topic& find(const std::string& name);
  /// An open batch with space for a record of so many bytes.
  const BatchPtr& batch_for(Topic& topic, const Outgoing& record, size_t size);
  bool has_room(size_t size) const {
    return buffered == 0 || buffered + size <= options.buffer_bytes;
  }
  /// It is written next.
  void enqueue(const BatchPtr& batch);
  /// So are all.
  void hurry();
  /// The thread.
  void run();
  /// The mutex; in a forked child, where it may be held for ever, without it.
  std::unique_lock<std::mutex> lock_if_mine() {
    return forks == fork_count() ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
  }

  TopicStore& store;
  const SenderOptions options;
  const uint64_t forks = fork_count();
  std::mutex mutex;                 // guards what follows
  std::condition_variable work;     // for the thread
  std::condition_variable changed;  // batches are done
  std::unordered_map<std::string, Topic> topics;
  Topic* last = nullptr;                // the topic of the last record
  std::map<uint64_t, BatchPtr> opened;  // by number, which is by when they are due
  std::deque<BatchPtr> queue;           // to be written
  std::map<uint64_t, BatchPtr> unfinished;
  std::vector<uint64_t> told;  // watched, and done
  uint64_t next_number = 1;
  size_t buffered = 0;
  bool closing = false;  // takes no more records
  bool stopped = false;  // everything is done: the thread ends
  int64_t sent = 0;
  int64_t failed = 0;

 private:
  bool refresh(Topic& topic);
  static size_t choose(Topic& topic, const Outgoing& record, size_t size);
  void open(Lane& lane);
  void write(const BatchPtr& batch);
  void finish(const BatchPtr& batch, AppendFault fault, std::string why);
};

}  // namespace cne::log
