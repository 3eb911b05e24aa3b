#include "core/metrics.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <string_view>

#include "core/error.h"

namespace cne {

size_t Histogram::bucket_of(uint64_t value) {
  constexpr uint64_t kLinear = 1 << kBits;
  if (value < kLinear) return value;
  const int shift = 63 - std::countl_zero(value) - kBits;
  return (static_cast<size_t>(shift + 1) << kBits) + ((value >> shift) - kLinear);
}

int64_t Histogram::upper_bound(size_t bucket) {
  constexpr size_t kLinear = 1 << kBits;
  if (bucket < kLinear) return static_cast<int64_t>(bucket);
  const int shift = static_cast<int>(bucket >> kBits) - 1;
  const uint64_t low = ((bucket & (kLinear - 1)) + kLinear) << shift;
  return static_cast<int64_t>(low + ((uint64_t{1} << shift) - 1));
}

void Histogram::record(int64_t value, int64_t times) {
  if (times <= 0) return;
  value = std::max<int64_t>(value, 0);
  constexpr auto relaxed = std::memory_order_relaxed;
  buckets_[bucket_of(static_cast<uint64_t>(value))].fetch_add(times, relaxed);
  count_.fetch_add(times, relaxed);
  sum_.fetch_add(value * times, relaxed);
  int64_t seen = max_.load(relaxed);
  while (value > seen && !max_.compare_exchange_weak(seen, value, relaxed)) {
  }
}

double Histogram::mean() const {
  const int64_t n = count();
  return n == 0 ? 0 : static_cast<double>(sum()) / static_cast<double>(n);
}

int64_t Histogram::percentile(double fraction) const {
  if (!(fraction >= 0 && fraction <= 1))
    throw ArgumentError(message("percentile: expected a fraction from 0 to 1, got ", fraction));
  int64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
  if (total == 0) return 0;
  const auto rank =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(fraction * static_cast<double>(total))));
  int64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= rank) return std::min(upper_bound(i), max());
  }
  return max();
}

int64_t Histogram::count_up_to(int64_t bound) const {
  if (bound < 0) return 0;
  int64_t seen = 0;
  const size_t last = bucket_of(static_cast<uint64_t>(bound));
  for (size_t i = 0; i <= last; ++i) seen += buckets_[i].load(std::memory_order_relaxed);
  return seen;
}

void Histogram::clear() {
  for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
  count_.store(0);
  sum_.store(0);
  max_.store(0);
}

namespace {

bool name_is_allowed(std::string_view name, bool colon) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colon && c == ':');
  });
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// `{a="x",le="0.1"}`, or nothing without labels.
std::string label_text(const MetricSample& sample, std::string_view bound = {}) {
  std::string out;
  for (const auto& [name, value] : sample.labels) {
    if (!name_is_allowed(name, false))
      throw ArgumentError(message("prometheus_text: \"", name, "\" cannot name a label"));
    out += message(out.empty() ? "{" : ",", name, "=\"", escaped(value, true), "\"");
  }
  if (!bound.empty()) out += message(out.empty() ? "{" : ",", "le=\"", bound, "\"");
  return out.empty() ? out : out + "}";
}

void write_histogram(const MetricSample& sample, std::string& out) {
  // 1, 2.5 and 5 microseconds up to 10 seconds.
  for (int64_t decade = 1'000; decade <= 1'000'000'000; decade *= 10)
    for (const int64_t step : {10, 25, 50}) {
      const int64_t bound = decade * step / 10;
      out += message(sample.name, "_bucket",
                     label_text(sample, number(static_cast<double>(bound) / 1e9)), " ",
                     sample.histogram->count_up_to(bound), "\n");
    }
  const int64_t count = sample.histogram->count();
  out += message(sample.name, "_bucket", label_text(sample, "+Inf"), " ", count, "\n");
  out += message(sample.name, "_sum", label_text(sample), " ",
                 number(static_cast<double>(sample.histogram->sum()) / 1e9), "\n");
  out += message(sample.name, "_count", label_text(sample), " ", count, "\n");
}

}  // namespace

std::string prometheus_text(const std::vector<MetricSample>& samples) {
  std::string out;
  std::string_view last;
  for (const MetricSample& sample : samples) {
    if (!name_is_allowed(sample.name, true))
      throw ArgumentError(message("prometheus_text: \"", sample.name, "\" cannot name a metric"));
    if (sample.name != last) {
      constexpr std::array<const char*, 3> kKinds = {"counter", "gauge", "histogram"};
      out += message("# HELP ", sample.name, " ", escaped(sample.help, false), "\n# TYPE ",
                     sample.name, " ", kKinds[static_cast<size_t>(sample.kind)], "\n");
      last = sample.name;
    }
    if (sample.kind == MetricSample::Kind::kHistogram)
      write_histogram(sample, out);
    else
      out += message(sample.name, label_text(sample), " ", number(sample.value), "\n");
  }
  return out;
}

}  // namespace cne
