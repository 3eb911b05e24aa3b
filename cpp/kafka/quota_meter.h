#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kafka/call.h"
#include "kafka/quota_store.h"

namespace cne::kafka {

/// How fast something goes: amounts of the last eleven seconds, of which the newest has just begun
/// (Kafka's quota.window.num and quota.window.size.seconds).
class Rate {
 public:
  static constexpr int64_t kSeconds = 11;

  /// Adds an amount. For how many milliseconds nothing may come, until what has is no more than
  /// `limit` a second; 0: it is within.
  int64_t add(double amount, double limit, int64_t now_ms);
  bool is_over(int64_t now_ms) const { return now_ms / 1000 - newest_ >= kSeconds; }

 private:
  int64_t newest_ = 0;  // in seconds
  std::array<double, kSeconds> amounts_{};
};

/// Holds clients to their quotas of bytes. Who goes over one is told so in the answer, and is read
/// no further for as long as that says (KIP-219). Thread safe.
class QuotaMeter {
 public:
  /// Of the quotas in a directory. Throws CorruptionError, IoError.
  explicit QuotaMeter(const std::string& directory) : store_(directory) {}

  QuotaStore& store() { return store_; }
  /// Counts bytes of the client of a call, and throttles the call. What its answer has to tell, in
  /// milliseconds.
  int32_t charge(Call& call, std::string_view key, size_t bytes);

 private:
  QuotaStore store_;
  std::mutex mutex_;
  std::unordered_map<std::string, Rate> rates_;  // by Limit::sharers
  int64_t swept_ms_ = 0;
};

}  // namespace cne::kafka
