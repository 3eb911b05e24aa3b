#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace cne::tensor {

/// What is made once for a length and kept, until there are many lengths. Thread-safe.
template <typename Made>
class FftCache {
 public:
  template <typename Make>
  std::shared_ptr<const Made> get(int64_t length, const Make& make) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = kept_.find(length);
      if (found != kept_.end()) return found->second;
    }
    // Made without the lock: it may take long, or need another length.
    const std::shared_ptr<const Made> made = make();
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kMost) kept_.clear();
    return kept_.emplace(length, made).first->second;
  }

 private:
  static constexpr size_t kMost = 32;  // the longest have megabytes
  std::mutex mutex_;
  std::map<int64_t, std::shared_ptr<const Made>> kept_;
};

}  // namespace cne::tensor
