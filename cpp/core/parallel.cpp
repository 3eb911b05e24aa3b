#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"

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
thread_local bool t_inside = false;

/// One parallel call: workers draw task numbers until none is left.
struct Job {
  const std::function<void(int64_t, int)>* body;
  int64_t tasks;
  std::atomic<int64_t> next{0};
  std::atomic<int> joined{1};  // thread numbers given out; 0 is the caller
  int limit = 1;
  std::mutex mutex;
  std::condition_variable done;
  int running = 0;
  std::exception_ptr error;

  void work(int thread) {
    t_inside = true;
    for (int64_t task; (task = next.fetch_add(1)) < tasks;) {
      try {
        (*body)(task, thread);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next.store(tasks);
      }
    }
    t_inside = false;
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
    }
    wake_.notify_all();
    job.work(0);
    {
      const std::lock_guard lock(mutex_);
      std::erase(jobs_, &job);
    }
    std::unique_lock lock(job.mutex);
    job.done.wait(lock, [&] { return job.running == 0; });
  }

 private:
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
        wake_.wait(lock);
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
  size_t threads_ = 0;
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
  if (threads == 1 || t_inside) {
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
