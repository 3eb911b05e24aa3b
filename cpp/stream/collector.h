#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/fork_guard.h"
#include "core/table.h"
#include "stream/state_io.h"

namespace cne::stream {

/// A sink that keeps what one job emitted. Its rows are part of the job's checkpoint. Any thread
/// may read it while the job adds to it.
class Collector {
 public:
  /// `key_count` leading columns are keys; then window_start and window_end, or event_time.
  enum class Kind : uint8_t { kRows, kRunning, kWindows, kSessions };
  Collector(Schema schema, Kind kind, size_t key_count);

  /// A job's right to add, which it has alone until it lets go of it.
  class Claim {
   public:
    /// Empties the collector for a new job. Throws StateError while another job has it.
    explicit Claim(std::shared_ptr<Collector> collector);
    Claim(Claim&&) noexcept = default;
    Claim& operator=(Claim&&) = delete;
    ~Claim();

   private:
    std::shared_ptr<Collector> collector_;
  };

  void add(const Table& table);
  /// Everything, in order.
  std::vector<Table> all() const;
  /// What counts in the end: the last emission of each key and window, of each key without windows;
  /// a session that was joined into a larger one is gone. Without emitted_at and revision.
  std::vector<Table> last() const;

  void snapshot(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  std::vector<Table> tables() const;
  std::vector<int64_t> last_rows(const Table& table) const;
  std::vector<int64_t> last_sessions(const Table& table) const;

  Schema schema_;
  Kind kind_;
  size_t key_count_;
  mutable std::mutex mutex_;
  const ForkGuard over_forks_{mutex_};
  std::vector<Table> tables_;  // behind mutex_
  bool claimed_ = false;       // too
};

}  // namespace cne::stream
