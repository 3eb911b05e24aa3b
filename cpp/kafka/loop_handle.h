#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "kafka/event_loop.h"
#include "log/partition_log.h"

namespace cne::kafka {

/// A loop for as long as it is there: what is posted after `forget` is dropped. Copies share it, so
/// that callbacks of the log, which may come late, can hold one. Thread safe.
class LoopHandle {
 public:
  explicit LoopHandle(EventLoop& loop) : shared_(std::make_shared<Shared>()) {
    shared_->loop = &loop;
  }

  void post(std::function<void()> task) const;
  void after(int64_t delay_ms, std::function<void()> task) const;
  void forget() const;

  /// PartitionLog::when_acknowledged, but what comes later comes on the loop, as the log's own
  /// thread has syncs to do: `done` may append.
  void when_acknowledged(log::PartitionLog& log, int64_t next_offset,
                         std::function<void(bool ok)> done) const;

 private:
  struct Shared {
    std::mutex mutex;
    EventLoop* loop = nullptr;
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace cne::kafka
