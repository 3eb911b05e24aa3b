#pragma once

// What generated kernels are made of beside the functions of elements (tensor/fused_functions.h):
// several elements as one access to memory, reductions over the threads of a row. Only NVRTC sees
// it, which takes every function as one of the device.

#include "../cuda/tensor/fused_complex.cuh"
#include "tensor/fused_functions.h"

namespace cne::tensor {

/// kCount elements that lie one behind the other: of 16 bytes at a time where there are as many.
template <typename T, int kCount>
struct alignas(sizeof(T) * kCount < 16 ? sizeof(T) * kCount : 16) Pack {
  T at[kCount];
};
template <int kCount, typename T>
inline Pack<T, kCount> load_pack(const T* from) {
  return *reinterpret_cast<const Pack<T, kCount>*>(from);
}
template <int kCount, typename T>
inline void store_pack(T* to, const Pack<T, kCount>& pack) {
  *reinterpret_cast<Pack<T, kCount>*>(to) = pack;
}

template <typename T>
inline T choose(Bool first, T a, T b) {
  return first.byte != 0 ? a : b;
}
/// As a type of the CPU's cast.
template <typename To, typename From>
inline To cast_to(From value) {
  if constexpr (std::is_same_v<To, From>)
    return value;
  else
    return convert<To>(load(value));
}

// Reductions: the value of no elements, and two put together.
struct Sum {
  template <typename A>
  static A start() {
    return A(0);
  }
  template <typename A>
  static A join(A a, A b) {
    return op_add(a, b);
  }
};
struct Prod {
  template <typename A>
  static A start() {
    return A(1);
  }
  template <typename A>
  static A join(A a, A b) {
    return op_multiply(a, b);
  }
};
struct Max {
  template <typename A>
  static A start() {
    if constexpr (kIsReal<A>)
      return -std::numeric_limits<A>::infinity();
    else
      return std::numeric_limits<A>::min();
  }
  template <typename A>
  static A join(A a, A b) {
    return op_maximum(a, b);
  }
};
struct Min {
  template <typename A>
  static A start() {
    if constexpr (kIsReal<A>)
      return std::numeric_limits<A>::infinity();
    else
      return std::numeric_limits<A>::max();
  }
  template <typename A>
  static A join(A a, A b) {
    return op_minimum(a, b);
  }
};
struct Any {
  template <typename A>
  static A start() {
    return A(0);
  }
  template <typename A>
  static A join(A a, A b) {
    return static_cast<A>(a | b);
  }
};
struct All {
  template <typename A>
  static A start() {
    return A(1);
  }
  template <typename A>
  static A join(A a, A b) {
    return static_cast<A>(a & b);
  }
};

/// An element as it goes into a reduction whose threads hold a Lane.
template <typename Lane, typename T>
inline Lane lane_of(T value) {
  return static_cast<Lane>(load(value));
}
template <typename T>
inline uint8_t truth_of(T value) {
  return load(value) != decltype(load(value))(0) ? 1 : 0;
}

inline constexpr unsigned kWholeWarp = 0xffffffffu;

/// The value of the thread whose number differs in the bits of `by`.
template <typename T>
inline T of_partner(T value, int by) {
  if constexpr (IsComplex<T>::value)
    return {of_partner(value.real(), by), of_partner(value.imag(), by)};
  else if constexpr (sizeof(T) < 4)
    return static_cast<T>(__shfl_xor_sync(kWholeWarp, static_cast<int>(value), by));
  else
    return __shfl_xor_sync(kWholeWarp, value, by);
}

/// Over groups of kThreads threads side by side, up to a warp: all get the result, which is the
/// same for all, as a + b is b + a.
template <typename Op, int kThreads, typename A>
inline A across_lanes(A mine) {
#pragma unroll
  for (int by = kThreads / 2; by > 0; by /= 2) mine = Op::join(mine, of_partner(mine, by));
  return mine;
}

/// As `across_lanes`, over a block of several warps; `shared` has room for a number of each warp,
/// and is used by one reduction after the other.
template <typename Op, int kThreads, typename A>
inline A across_block(A mine, A* shared) {
  constexpr int kWarps = kThreads / 32;
  mine = across_lanes<Op, 32>(mine);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = mine;
  __syncthreads();
  const int lane = threadIdx.x % 32;
  A all = lane < kWarps ? shared[lane] : Op::template start<A>();
  __syncthreads();
  return across_lanes<Op, 32>(all);
}

}  // namespace cne::tensor
