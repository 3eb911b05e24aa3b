#include "kafka/event_loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/fork_guard.h"

namespace cne::kafka {

namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw IoError(message("broker: ", what, ": ", std::string(std::strerror(errno))));
}

}  // namespace

struct EventLoop::Thread {
  std::thread thread;
  std::atomic<pthread_t> id{};
};

EventLoop::EventLoop() : thread_(std::make_unique<Thread>()), forks_(fork_count()) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) throw_errno("epoll_create1");
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) {
    close(epoll_);
    throw_errno("eventfd");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) throw_errno("epoll_ctl");
}

EventLoop::~EventLoop() {
  stop();
  // A forked child has the handle of a thread that is not there: it cannot be joined.
  if (forks_ != fork_count()) static_cast<void>(thread_.release());
  close(wake_);
  close(epoll_);
}

int64_t EventLoop::now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void EventLoop::start() {
  thread_->thread = std::thread([this] { run(); });
}

void EventLoop::stop() {
  if (forks_ != fork_count()) return;
  stopping_ = true;
  wake();
  if (thread_->thread.joinable()) thread_->thread.join();
}

bool EventLoop::is_own_thread() const {
  return pthread_equal(thread_->id.load(), pthread_self()) != 0;
}

void EventLoop::wake() const {
  const uint64_t one = 1;
  // A full counter has woken the loop already.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

void EventLoop::post(std::function<void()> task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first) wake();
}

void EventLoop::after(int64_t delay_ms, std::function<void()> task) {
  const int64_t at_ms = now_ms() + std::max<int64_t>(delay_ms, 0);
  bool earliest = false;
  {
    const std::lock_guard lock(mutex_);
    earliest = timers_.empty() || at_ms < timers_.front().at_ms;
    timers_.push_back({at_ms, timer_order_++, std::move(task)});
    std::push_heap(timers_.begin(), timers_.end());
  }
  if (earliest && !is_own_thread()) wake();
}

void EventLoop::add(int descriptor, uint32_t events, EventSink* sink) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = sink;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) throw_errno("epoll_ctl");
}

void EventLoop::change(int descriptor, uint32_t events, EventSink* sink) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = sink;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0) throw_errno("epoll_ctl");
}

void EventLoop::remove(int descriptor, EventSink* sink) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  removed_.push_back(sink);
}

void EventLoop::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

int EventLoop::run_timers() {
  for (;;) {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (!posted_.empty()) return 0;
      if (timers_.empty()) return -1;
      const int64_t left = timers_.front().at_ms - now_ms();
      if (left > 0) return static_cast<int>(std::min<int64_t>(left, 60'000));
      std::pop_heap(timers_.begin(), timers_.end());
      task = std::move(timers_.back().task);
      timers_.pop_back();
    }
    task();
  }
}

void EventLoop::run() {
  thread_->id = pthread_self();
  std::array<epoll_event, 256> events;
  while (!stopping_) {
    run_posted();
    const int wait_ms = run_timers();
    removed_.clear();
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
    for (int i = 0; i < count; ++i) {
      auto* sink = static_cast<EventSink*>(events[static_cast<size_t>(i)].data.ptr);
      if (sink == nullptr) {
        uint64_t wakes = 0;
        [[maybe_unused]] const ssize_t got = read(wake_, &wakes, sizeof wakes);
      } else if (std::find(removed_.begin(), removed_.end(), sink) == removed_.end()) {
        sink->on_events(events[static_cast<size_t>(i)].events);
      }
    }
  }
}

}  // namespace cne::kafka
