#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cne {

/// A number that only grows. Any thread may add and read.
class Counter {
 public:
  void add(int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

/// Counts of non-negative integers (nanoseconds, bytes) in buckets whose width is 1/32 of their
/// power of two, so a percentile is at most 3.2 % above the true one. Values below 32 are exact.
/// Fixed memory (15 KiB), no allocation when recording. Any thread may record and read; a reader
/// beside writers sees some of their records. Tene's HdrHistogram, without its range options.
class Histogram {
 public:
  /// Records `value` (negative as 0) `times` times.
  void record(int64_t value, int64_t times = 1);
  int64_t count() const { return count_.load(std::memory_order_relaxed); }
  int64_t sum() const { return sum_.load(std::memory_order_relaxed); }
  int64_t max() const { return max_.load(std::memory_order_relaxed); }
  double mean() const;
  /// The largest value of the bucket that holds the `fraction` quantile (0.99: p99), at most max();
  /// 0 when there is nothing. Throws ArgumentError outside [0, 1].
  int64_t percentile(double fraction) const;
  /// How many values are at most `bound`, to the bucket's width.
  int64_t count_up_to(int64_t bound) const;
  void clear();

 private:
  static constexpr int kBits = 5;
  static constexpr size_t kBuckets = (64 - kBits) << kBits;
  static size_t bucket_of(uint64_t value);
  static int64_t upper_bound(size_t bucket);

  std::array<std::atomic<int64_t>, kBuckets> buckets_{};
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> sum_{0};
  std::atomic<int64_t> max_{0};
};

/// One line, or for a histogram one group of lines, of a metrics page.
struct MetricSample {
  enum class Kind : uint8_t { kCounter, kGauge, kHistogram };
  std::string name;  // [a-zA-Z_:][a-zA-Z0-9_:]*
  std::string help;
  Kind kind = Kind::kGauge;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;                      // counter, gauge
  const Histogram* histogram = nullptr;  // histogram; recorded in nanoseconds, shown in seconds
};

/// The samples in Prometheus' text format 0.0.4. Samples of one name must follow each other; HELP
/// and TYPE come from the first. Throws ArgumentError for a name that the format does not allow.
/// https://prometheus.io/docs/instrumenting/exposition_formats/
std::string prometheus_text(const std::vector<MetricSample>& samples);

}  // namespace cne
