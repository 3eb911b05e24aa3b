#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/serial_scope.h"

namespace cne {

namespace {

int default_threads() {
  if (const char* text = std::getenv("CNENGINE_NUM_THREADS")) {
    const int count = std::atoi(text);
    if (count >= 1) return std::min(count, 1024);
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::atomic<int> g_threads{0};

/// How long who waits looks again and again before it sleeps: programs call for threads every few
/// microseconds, and waking one takes 30 to 50.
constexpr std::chrono::microseconds kSpin{50};

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Waits for a short time; whether it has happened.
template <typename Condition>
bool spin_until(const Condition& happened) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 16; ++i) {
      if (happened()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

/// Whether as many threads have processors of their own, else who spins is in the way of the rest.
bool may_spin(int threads) {
  static const int processors = [] {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  }();
  return threads <= processors;
}

/// One parallel call: workers draw task numbers until none is left.
struct Job {
  const std::function<void(int64_t, int)>* body;
  int64_t tasks;
  std::atomic<int64_t> next{0};
  std::atomic<int> joined{1};  // thread numbers given out; 0 is the caller
  int limit = 1;
  std::mutex mutex;
  std::condition_variable done;
  std::atomic<int> running{0};  // changes under the mutex
  std::exception_ptr error;

  void work(int thread) {
    const SerialScope alone;
    for (int64_t task; (task = next.fetch_add(1)) < tasks;) {
      try {
        (*body)(task, thread);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next.store(tasks);
      }
    }
  }
};

/// Threads that wait for jobs. Grows to what num_threads() asks for; after a fork the child starts
/// with an empty pool. Never destroyed: its threads sleep until the process ends.
class Pool {
 public:
  void run(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      while (static_cast<int>(threads_) < job.limit - 1) {
        std::thread([this] { loop(); }).detach();
        ++threads_;
      }
      jobs_.push_back(&job);
      posted_.fetch_add(1, std::memory_order_release);
      if (sleeping_ > 0) wake_.notify_all();
    }
    job.work(0);
    {
      const std::lock_guard lock(mutex_);
      std::erase(jobs_, &job);
    }
    if (may_spin(job.limit)) spin_until([&] { return job.running.load() == 0; });
    std::unique_lock lock(job.mutex);  // whoever ended it last has let go of it
    job.done.wait(lock, [&] { return job.running == 0; });
  }

 private:
  /// Until there may be another job.
  void wait(std::unique_lock<std::mutex>& lock) {
    if (may_spin(static_cast<int>(threads_) + 1)) {
      const uint64_t seen = posted_.load();
      lock.unlock();
      const bool is_new = spin_until([&] { return posted_.load() != seen; });
      lock.lock();
      if (is_new || posted_.load() != seen) return;
    }
    ++sleeping_;
    wake_.wait(lock);
    --sleeping_;
  }

  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      Job* job = nullptr;
      int number = 0;
      for (Job* candidate : jobs_) {
        if (candidate->next.load() >= candidate->tasks) continue;
        number = candidate->joined.load();
        if (number >= candidate->limit) continue;
        candidate->joined.store(number + 1);
        job = candidate;
        break;
      }
      if (job == nullptr) {
        wait(lock);
        continue;
      }
      {
        const std::lock_guard job_lock(job->mutex);
        ++job->running;
      }
      lock.unlock();
      job->work(number);
      {
        const std::lock_guard job_lock(job->mutex);
        if (--job->running == 0) job->done.notify_all();
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job*> jobs_;
  std::atomic<uint64_t> posted_{0};  // jobs so far; changes under the mutex
  size_t threads_ = 0;
  size_t sleeping_ = 0;
};

Pool* g_pool = nullptr;
std::once_flag g_pool_once;

Pool& pool() {
  std::call_once(g_pool_once, [] {
    g_pool = new Pool();
    pthread_atfork(nullptr, nullptr, [] { g_pool = new Pool(); });
  });
  return *g_pool;
}

}  // namespace

int num_threads() {
  int count = g_threads.load(std::memory_order_relaxed);
  if (count == 0) {
    count = default_threads();
    g_threads.store(count, std::memory_order_relaxed);
  }
  return count;
}

void set_num_threads(int count) {
  if (count < 1 || count > 1024)
    throw ArgumentError(message("set_num_threads: expected a number from 1 to 1024, got ", count));
  g_threads.store(count, std::memory_order_relaxed);
}

void parallel_tasks(int64_t n, const std::function<void(int64_t, int)>& body) {
  if (n <= 0) return;
  const int threads = static_cast<int>(std::min<int64_t>(num_threads(), n));
  if (threads == 1 || is_serial()) {
    for (int64_t task = 0; task < n; ++task) body(task, 0);
    return;
  }
  Job job;
  job.body = &body;
  job.tasks = n;
  job.limit = threads;
  pool().run(job);
  if (job.error) std::rethrow_exception(job.error);
}

void parallel_for(int64_t n, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  grain = std::max<int64_t>(1, grain);
  if (n <= grain) {
    if (n > 0) body(0, n);
    return;
  }
  parallel_tasks((n + grain - 1) / grain,
                 [&](int64_t task, int) { body(task * grain, std::min(n, (task + 1) * grain)); });
}

}  // namespace cne
