#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace cne::log {

/// Calls `flush` every `interval_ms` on a thread of its own until destroyed. `flush` must not
/// throw. In a forked child the thread does not exist: there nothing is waited for.
class Flusher {
 public:
  Flusher(int64_t interval_ms, std::function<void()> flush);
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;
  ~Flusher();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cne::log
