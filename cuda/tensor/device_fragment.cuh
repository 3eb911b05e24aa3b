#pragma once

#include "../cuda/core/cuda_block.cuh"
#include "tensor/device_fragment.h"

// What warps do together with fragments, on a GPU from sm_80 on: the twins of those of HostBlock.
// Layouts of fragments: PTX ISA, "Matrix fragments for mma.m16n8k16" and ".m16n8k8".

namespace cne::tensor {

template <typename T>
__device__ inline void set_pair(gpu::CudaBlock&, LeftFragment<T>& out, int i, float first,
                                float second) {
  if constexpr (std::is_same_v<T, Half>)
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(out.pairs[i]) : "f"(second), "f"(first));
  else
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(out.pairs[i]) : "f"(second), "f"(first));
}

template <bool kTransposed, typename Fragment, typename Address>
__device__ inline void load_matrices(gpu::CudaBlock&, gpu::CudaPrivate<Fragment>& out,
                                     const Address& address) {
  const auto t = static_cast<int>(threadIdx.x);
  const uint32_t from = gpu::CudaWarps::shared_address(address(t));
  uint32_t* const to = out[t].pairs;
  if constexpr (kTransposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(from)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(from)
                 : "memory");
}

/// The unit takes 8 rows of k at a time; of the 16 columns q, q + 1 are its k = q / 2 and 4 + q / 2,
/// on both sides.
__device__ inline void multiply_tf32(Accumulator& sums, const float* left, const float* right) {
  const auto bits = [](float value) { return __float_as_uint(value); };
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float* const a = left + 4 * half;
    const float* const b = right + 2 * half;
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, "
        "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums.at[0]), "+f"(sums.at[1]), "+f"(sums.at[2]), "+f"(sums.at[3])
        : "r"(bits(a[0])), "r"(bits(a[2])), "r"(bits(a[1])), "r"(bits(a[3])), "r"(bits(b[0])),
          "r"(bits(b[1])));
  }
}

template <typename T>
__device__ inline void multiply(gpu::CudaBlock&, gpu::CudaPrivate<Accumulator>& sums,
                                const gpu::CudaPrivate<LeftFragment<T>>& left,
                                const gpu::CudaPrivate<RightFragments<T>>& right, int which) {
  float* const c = sums[0].at;
  if constexpr (sizeof(T) == sizeof(float)) {
    multiply_tf32(sums[0], left[0].low, right[0].high + 4 * which);
    multiply_tf32(sums[0], left[0].high, right[0].low + 4 * which);
    multiply_tf32(sums[0], left[0].high, right[0].high + 4 * which);
  } else {
    const uint32_t* const a = left[0].pairs;
    const uint32_t* const b = right[0].pairs + 2 * which;
    if constexpr (std::is_same_v<T, Half>)
      asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, "
          "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    else
      asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, "
          "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

}  // namespace cne::tensor
