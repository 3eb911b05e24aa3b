#pragma once

#include <cstdint>

namespace cne::gpu {

/// What a thread keeps to itself from phase to phase: registers.
template <typename T>
class CudaPrivate {
 public:
  __device__ T& operator[](int) { return value_; }
  __device__ const T& operator[](int) const { return value_; }

 private:
  T value_;
};

/// The base of CudaBlock: what HostWarps is on the CPU (core/host_warps.h).
class CudaWarps {
 public:
  template <typename T, int kThreads>
  using Private = CudaPrivate<T>;

  template <int kWidth, typename T, typename Join>
  __device__ static void join_lanes(CudaPrivate<T>& values, const Join& join) {
    T& own = values[0];
#pragma unroll
    for (int by = kWidth / 2; by > 0; by /= 2) own = join(own, of_partner(own, by));
  }

  __device__ static void copy_async(void* to, const void* from, bool is_there) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)),
                 "l"(__cvta_generic_to_global(from)), "r"(is_there ? 16 : 0)
                 : "memory");
  }
  __device__ static void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
  template <int kLeft>
  __device__ static void wait_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
    __syncthreads();
  }

  __device__ static float exp2(float x) {
    float out;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(out) : "f"(x));
    return out;
  }

  __device__ static uint32_t shared_address(const void* at) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(at));
  }

 private:
  /// The value of the lane whose number differs in the bits of `by`.
  template <typename T>
  __device__ static T of_partner(const T& value, int by) {
    static_assert(sizeof(T) % sizeof(uint32_t) == 0);
    constexpr int kWords = sizeof(T) / sizeof(uint32_t);
    uint32_t words[kWords];
    memcpy(words, &value, sizeof(T));
#pragma unroll
    for (int i = 0; i < kWords; ++i) words[i] = __shfl_xor_sync(0xffffffffu, words[i], by);
    T out;
    memcpy(&out, words, sizeof(T));
    return out;
  }
};

}  // namespace cne::gpu
