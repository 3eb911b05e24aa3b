#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include "bind/bind.h"

namespace cne::bind {

/// Calls `wait(ms)` without the interpreter lock until it is true or the time is over (none:
/// never), a little at a time, so that Ctrl-C gets through: then, or when a signal's handler
/// raises, this throws. Returns what the last call did.
template <typename Wait>
bool wait_in_slices(std::optional<double> timeout_s, Wait&& wait) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t kSliceMs = 100;
  constexpr double kLongestS = 1e9;
  const auto begin = Clock::now();
  const double timeout = std::min(timeout_s.value_or(kLongestS), kLongestS);
  for (;;) {
    const double left = timeout - std::chrono::duration<double>(Clock::now() - begin).count();
    const auto left_ms = static_cast<int64_t>(std::ceil(std::max(left, 0.0) * 1000));
    bool done = false;
    {
      const ReleaseInterpreter unlocked;
      done = wait(std::min(left_ms, kSliceMs));
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (done || left_ms <= kSliceMs) return done;
  }
}

}  // namespace cne::bind
