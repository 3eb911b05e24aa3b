#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/parallel.h"
#include "core/serial_scope.h"

namespace {

struct Threads {
  explicit Threads(int count) : before(cne::num_threads()) { cne::set_num_threads(count); }
  ~Threads() { cne::set_num_threads(before); }
  int before;
};

}  // namespace

TEST_CASE("parallel_for covers every index once") {
  for (int threads : {1, 2, 5}) {
    const Threads set(threads);
    for (int64_t n : {0, 1, 7, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<size_t>(n));
      cne::parallel_for(n, 7, [&](int64_t begin, int64_t end) {
        CHECK(end - begin <= 7);
        for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
      });
      for (const auto& count : seen) CHECK(count == 1);
    }
  }
}

TEST_CASE("parallel_tasks gives each running task its own thread number") {
  const Threads set(4);
  std::vector<std::atomic<int>> busy(4);
  cne::parallel_tasks(2000, [&](int64_t, int thread) {
    const int others = busy[static_cast<size_t>(thread)].fetch_add(1);
    if (others != 0) throw std::runtime_error("two tasks share a thread number");
    busy[static_cast<size_t>(thread)].fetch_sub(1);
  });
}

TEST_CASE("parallel: the first exception reaches the caller, and the pool goes on") {
  const Threads set(3);
  CHECK_THROWS_AS(cne::parallel_for(100, 1,
                                    [](int64_t i, int64_t) {
                                      if (i == 50) throw std::range_error("x");
                                    }),
                  std::range_error);
  std::atomic<int> count = 0;
  cne::parallel_for(100, 1, [&](int64_t, int64_t) { ++count; });
  CHECK(count == 100);
}

TEST_CASE("parallel: nested calls and calls from several threads") {
  const Threads set(3);
  std::atomic<int> count = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        cne::parallel_for(10, 1, [&](int64_t, int64_t) {
          cne::parallel_for(10, 1, [&](int64_t, int64_t) { ++count; });
        });
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(count == 4 * 50 * 100);
}

TEST_CASE("serial_scope: parallel calls stay on the thread") {
  const Threads set(4);
  {
    const cne::SerialScope outer;
    {
      const cne::SerialScope inner;
    }
    CHECK(cne::is_serial());
    cne::parallel_tasks(500, [self = std::this_thread::get_id()](int64_t, int thread) {
      CHECK(thread == 0);
      CHECK(std::this_thread::get_id() == self);
    });
  }
  CHECK(!cne::is_serial());
}
