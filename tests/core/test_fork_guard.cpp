#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "core/fork_guard.h"

TEST_CASE("fork_guard: a child finds the mutex free and what it guards whole") {
  std::mutex first, second;
  int64_t left = 0, right = 0;  // equal whenever nobody has `second`
  std::optional<cne::ForkGuard> a(first), b(second);
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    while (!stop) {
      const std::lock_guard outer(first);
      const std::lock_guard inner(second);
      ++left;
      std::this_thread::yield();
      ++right;
    }
  });
  for (int round = 0; round < 50; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const bool is_free = first.try_lock() && second.try_lock();
      _exit(is_free && left == right ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  a.reset();  // not the last one: the list stays whole
  const pid_t child = fork();
  if (child == 0) _exit(second.try_lock() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  stop = true;
  worker.join();
}
