#include "kafka/quota_meter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kafka/event_loop.h"

namespace cne::kafka {

namespace {

constexpr std::string_view kUserPrefix = "User:";

}  // namespace

int64_t Rate::add(double amount, double limit, int64_t now_ms) {
  const int64_t now = now_ms / 1000;
  for (int64_t second = std::max(newest_ + 1, now - kSeconds + 1); second <= now; ++second)
    amounts_[static_cast<size_t>(second % kSeconds)] = 0;
  newest_ = std::max(newest_, now);
  amounts_[static_cast<size_t>(newest_ % kSeconds)] += amount;
  const double total = std::accumulate(amounts_.begin(), amounts_.end(), 0.0);
  const double window_ms = (kSeconds - 1) * 1000.0 + static_cast<double>(now_ms % 1000);
  const double rest_ms = std::round(total / limit * 1000 - window_ms);
  return static_cast<int64_t>(
      std::clamp(rest_ms, 0.0, static_cast<double>(std::numeric_limits<int32_t>::max())));
}

int32_t QuotaMeter::charge(Call& call, std::string_view key, size_t bytes) {
  const std::string& principal = call.peer().principal;
  const bool has_prefix = principal.starts_with(kUserPrefix);
  const auto limit = store_.find(key, has_prefix ? principal.substr(kUserPrefix.size()) : principal,
                                 call.header().client_id.value_or(""));
  if (!limit) return 0;
  const int64_t now_ms = EventLoop::now_ms();
  const std::lock_guard lock(mutex_);
  if (now_ms - swept_ms_ > Rate::kSeconds * 1000) {
    std::erase_if(rates_, [&](const auto& each) { return each.second.is_over(now_ms); });
    swept_ms_ = now_ms;
  }
  const int64_t rest_ms =
      rates_[limit->sharers].add(static_cast<double>(bytes), limit->value, now_ms);
  call.throttle(rest_ms);
  return static_cast<int32_t>(rest_ms);
}

}  // namespace cne::kafka
