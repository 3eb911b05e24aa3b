#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace cne::log {

class PartitionLog;

/// Who wants to know when readers can see more of a partition. Thread safe.
class AppendListeners {
 public:
  /// Called without locks of the log, on the thread that appended or synced. It may not append, nor
  /// remove a listener.
  using Listener = std::function<void(PartitionLog&)>;

  /// Returns a number for `remove`.
  uint64_t add(Listener listener);
  /// When it returns, no call of the listener is in progress and none will come.
  void remove(uint64_t number);
  void tell(PartitionLog& partition);

 private:
  struct Entry;
  using Entries = std::vector<std::shared_ptr<Entry>>;

  std::mutex mutex_;
  uint64_t next_ = 1;
  std::shared_ptr<const Entries> entries_;  // replaced, never changed
};

}  // namespace cne::log
