#pragma once

#include <cstdint>
#include <mutex>

namespace cne {

/// How many forks lie between the process that first called this and the one that calls it. Who
/// owns threads compares it with what it was when they were started: in a forked child there are
/// none, and mutexes may be held for ever.
uint64_t fork_count();

/// Takes a mutex over every fork of the process, as long as this lives: a forked child finds the
/// mutex free and what it guards whole, whatever other threads of the parent were doing.
///
/// The thread that forks waits for the mutex, perhaps with the Python interpreter lock held. So who
/// has the mutex never waits for that lock (by letting go of memory that Python owns, say), forks
/// not, and makes and ends no ForkGuard. Mutexes are taken in the order in which their guards were
/// made; threads that hold two of them keep to that order.
class ForkGuard {
 public:
  explicit ForkGuard(std::mutex& mutex);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

 private:
  static void prepare();
  static void release();
  static int install();

  std::mutex& mutex_;
  ForkGuard* before_ = nullptr;
  ForkGuard* next_ = nullptr;
};

}  // namespace cne
