#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace cne {

/// What each thread of a block keeps to itself from phase to phase: registers of a GPU. On the CPU
/// it begins with numbers that mean nothing.
template <typename T, int kThreads>
class HostPrivate {
 public:
  HostPrivate() { std::memset(static_cast<void*>(of_), 0xa5, sizeof(of_)); }
  T& operator[](int t) { return of_[t]; }
  const T& operator[](int t) const { return of_[t]; }

 private:
  T of_[kThreads];
};

/// What the threads of a block do together beside phases, on the CPU: the base of HostBlock.
/// cuda/core/cuda_warps.cuh is the same on a GPU. Threads are lanes of warps of 32.
class HostWarps {
 public:
  template <typename T, int kThreads>
  using Private = HostPrivate<T, kThreads>;

  /// Groups of kWidth lanes side by side: all get what their values give together. join(a, b) has
  /// to be join(b, a); the order is that of a tree by the numbers of lanes.
  template <int kWidth, typename T, int kThreads, typename Join>
  static void join_lanes(HostPrivate<T, kThreads>& values, const Join& join) {
    for (int by = kWidth / 2; by > 0; by /= 2) {
      const HostPrivate<T, kThreads> before = values;
      for (int t = 0; t < kThreads; ++t) values[t] = join(before[t], before[t ^ by]);
    }
  }

  /// Copies 16 bytes to shared memory, or clears them there when `is_there` is false. They arrive
  /// with wait_copies; until then what is there means nothing. Both addresses are multiples of 16.
  void copy_async(void* to, const void* from, bool is_there) {
    std::memset(to, 0xa5, kCopy);
    copies_.push_back({to, is_there ? from : nullptr, groups_});
  }
  /// Ends a group of copies, of all threads.
  void commit_copies() { ++groups_; }
  /// Waits until all groups but the last kLeft are there, and for all threads.
  template <int kLeft>
  void wait_copies() {
    size_t kept = 0;
    for (const Copy& each : copies_) {
      if (each.group >= groups_ - kLeft)
        copies_[kept++] = each;
      else if (each.from == nullptr)
        std::memset(each.to, 0, kCopy);
      else
        std::memcpy(each.to, each.from, kCopy);
    }
    copies_.resize(kept);
  }

  /// 2^x: on a GPU that of the hardware, within 2 units of the last place, subnormal numbers as 0.
  static float exp2(float x) { return std::exp2(x); }

 private:
  static constexpr size_t kCopy = 16;
  struct Copy {
    void* to;
    const void* from;
    int group;
  };
  std::vector<Copy> copies_;
  int groups_ = 0;
};

}  // namespace cne
