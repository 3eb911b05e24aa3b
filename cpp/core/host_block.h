#pragma once

#include <cstdint>

#include "core/host_warps.h"

namespace cne {

/// A block on the CPU. Threads run in another order in every other phase, and shared memory begins
/// with numbers that mean nothing, so that what depends on either shows up in the tests.
class HostBlock : public HostWarps {
 public:
  HostBlock(int64_t x, int64_t y, int threads, uint8_t* shared)
      : x_(x), y_(y), threads_(threads), shared_(shared) {}

  int64_t x() const { return x_; }
  int64_t y() const { return y_; }
  int threads() const { return threads_; }
  template <typename T>
  T* shared() const {
    return reinterpret_cast<T*>(shared_);
  }

  template <typename F>
  void each(const F& f) {
    backward_ = !backward_;
    for (int t = 0; t < threads_; ++t) f(backward_ ? threads_ - 1 - t : t);
  }
  /// A phase without a barrier: what it writes is read by the same thread alone until one comes.
  template <typename F>
  void lanes(const F& f) {
    each(f);
  }
  /// Adds to a number that other threads add to, and returns what it was.
  template <typename T>
  static T add(T* at, T value) {
    const T before = *at;
    *at += value;
    return before;
  }
  static void raise(uint64_t* at, uint64_t value) { *at = *at < value ? value : *at; }

 private:
  int64_t x_;
  int64_t y_;
  int threads_;
  uint8_t* shared_;
  bool backward_ = false;
};

}  // namespace cne
