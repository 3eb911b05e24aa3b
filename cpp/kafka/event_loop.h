#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace cne::kafka {

/// What an event loop calls when a descriptor is ready; see EventLoop::add.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// `events` as of epoll(7). Called on the loop's thread.
  virtual void on_events(uint32_t events) = 0;
};

/// One thread over epoll: descriptors, tasks of other threads, and timers.
///
/// `post`, `after` and `stop` may be called from any thread; the rest on the loop's own. Tasks run
/// in the order in which they were posted. What a task throws ends the process: tasks handle their
/// errors themselves. A stopped loop runs nothing more; what was not run is destroyed with it.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  void start();
  /// Waits until the thread has ended. Not on the loop's own thread. A forked child, which has no
  /// such thread, does not wait.
  void stop();

  void post(std::function<void()> task);
  /// Runs a task on the loop in `delay_ms` by the steady clock.
  void after(int64_t delay_ms, std::function<void()> task);

  /// Level triggered. `sink` must stay until `remove`; then it gets no event that was already read.
  void add(int descriptor, uint32_t events, EventSink* sink);
  void change(int descriptor, uint32_t events, EventSink* sink);
  void remove(int descriptor, EventSink* sink);
  bool is_own_thread() const;

  /// Milliseconds of the steady clock.
  static int64_t now_ms();

 private:
  struct Timer {
    int64_t at_ms;
    uint64_t order;  // equal times run in the order of the calls
    std::function<void()> task;
    bool operator<(const Timer& other) const {  // for a heap with the earliest on top
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };
  struct Thread;

  void run();
  void wake() const;
  void run_posted();
  /// Runs what is due; returns how long epoll may wait, -1 without end.
  int run_timers();

  int epoll_ = -1;
  int wake_ = -1;
  std::unique_ptr<Thread> thread_;
  const uint64_t forks_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<std::function<void()>> posted_;
  std::vector<Timer> timers_;  // a heap
  uint64_t timer_order_ = 0;
  std::vector<EventSink*> removed_;  // since the last wait; own thread only
};

}  // namespace cne::kafka
