#include "core/fork_guard.h"

#include <pthread.h>

#include <atomic>

namespace cne {

namespace {

// The list of guards. No memory is allocated for it: a fork may come at any time.
constinit std::mutex g_mutex;
constinit ForkGuard* g_first = nullptr;
constinit ForkGuard* g_last = nullptr;

std::atomic<uint64_t> g_forks{0};

}  // namespace

uint64_t fork_count() {
  static const int installed = pthread_atfork(nullptr, nullptr, [] { ++g_forks; });
  static_cast<void>(installed);
  return g_forks.load(std::memory_order_relaxed);
}

void ForkGuard::prepare() {
  g_mutex.lock();
  for (const ForkGuard* at = g_first; at != nullptr; at = at->next_) at->mutex_.lock();
}

/// In the parent and in the child, whose one thread is the one that locked.
void ForkGuard::release() {
  for (const ForkGuard* at = g_last; at != nullptr; at = at->before_) at->mutex_.unlock();
  g_mutex.unlock();
}

int ForkGuard::install() { return pthread_atfork(prepare, release, release); }

ForkGuard::ForkGuard(std::mutex& mutex) : mutex_(mutex) {
  const std::lock_guard lock(g_mutex);
  [[maybe_unused]] static const int installed = install();
  before_ = g_last;
  (g_last != nullptr ? g_last->next_ : g_first) = this;
  g_last = this;
}

ForkGuard::~ForkGuard() {
  const std::lock_guard lock(g_mutex);
  (before_ != nullptr ? before_->next_ : g_first) = next_;
  (next_ != nullptr ? next_->before_ : g_last) = before_;
}

}  // namespace cne
