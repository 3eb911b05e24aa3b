#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "core/metrics.h"

TEST_CASE("metrics: threads record while another reads") {
  cne::Counter counter;
  cne::Histogram histogram;
  constexpr int kThreads = 4;
  constexpr int kTimes = 20'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTimes; ++i) {
        counter.add();
        histogram.record(i * (t + 1));
      }
    });
  for (int i = 0; i < 200; ++i) {
    const int64_t p99 = histogram.percentile(0.99);
    CHECK(p99 >= 0);
    CHECK(p99 <= int64_t{kTimes} * kThreads);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counter.value() == int64_t{kThreads} * kTimes);
  CHECK(histogram.count() == counter.value());
  CHECK(histogram.max() == int64_t{kThreads} * (kTimes - 1));
  CHECK(histogram.count_up_to(histogram.max()) == histogram.count());
}

TEST_CASE("metrics: the buckets cover all of int64 without a gap") {
  for (int64_t value = 1; value > 0; value = value < INT64_MAX / 3 ? value * 3 - 1 : -1) {
    cne::Histogram histogram;
    histogram.record(value);
    CHECK(histogram.percentile(0.5) == value);  // not above the largest value
    CHECK(histogram.count_up_to(value) == 1);
    CHECK(histogram.count_up_to(value - value / 16 - 1) == 0);
  }
  cne::Histogram histogram;
  histogram.record(INT64_MAX);
  CHECK(histogram.percentile(1) == INT64_MAX);
}
