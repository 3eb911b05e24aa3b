// The GPU half of gbdt/histogram.

#include <algorithm>
#include <memory>

#include "../cuda/core/cuda_check.h"
#include "gbdt/histogram.h"

namespace cne::gbdt::gpu {

namespace {

using cne::gpu::check;

constexpr int kGroup = 8;  // features a block sums: at most 2,048 slots of 20 bytes, 40 KiB
constexpr int kThreads = 512;
constexpr int kRowsPerBlock = 16384;  // far below 2^32, so that a block's counts fit 32 bits
constexpr int kMaxSlots = kGroup * 256;

/// Sums of one block in shared memory. 64-bit numbers lie as two words, since 32-bit additions are
/// what shared memory does natively.
struct SharedSums {
  unsigned gradient_low[kMaxSlots];
  unsigned gradient_high[kMaxSlots];
  unsigned hessian_low[kMaxSlots];
  unsigned hessian_high[kMaxSlots];
  unsigned rows[kMaxSlots];
};

/// Adds `value` to a 64-bit number in two words. Each addition that wraps the low word carries into
/// the high one exactly once, in any order, so the sum modulo 2^64 is exact.
__device__ void add_wide(unsigned* low, unsigned* high, int value) {
  const unsigned part = static_cast<unsigned>(value);
  const unsigned before = atomicAdd(low, part);
  const unsigned carry = before + part < before ? 1u : 0u;
  const unsigned rest = (value < 0 ? ~0u : 0u) + carry;
  if (rest != 0) atomicAdd(high, rest);
}

__device__ unsigned long long join(unsigned low, unsigned high) {
  return (static_cast<unsigned long long>(high) << 32) | low;
}

/// Block (x, y) sums rows [x, x + 1) * kRowsPerBlock of the features of group y in shared memory,
/// then adds its sums to `out` (slots of three 64-bit numbers, as GradientSums).
__global__ void histogram_sum(const uint8_t* by_row, long long stride, const int2* gradients,
                              const int* index, long long count, const int* slots, int width,
                              unsigned long long* out) {
  extern __shared__ unsigned char memory[];
  SharedSums& sums = *reinterpret_cast<SharedSums*>(memory);
  const int first = blockIdx.y * kGroup;
  const int features = min(kGroup, width - first);
  const int base = slots[first];
  const int total = slots[first + features] - base;
  for (int s = threadIdx.x; s < total; s += blockDim.x) {
    sums.gradient_low[s] = sums.gradient_high[s] = 0;
    sums.hessian_low[s] = sums.hessian_high[s] = 0;
    sums.rows[s] = 0;
  }
  __syncthreads();
  const long long begin = static_cast<long long>(blockIdx.x) * kRowsPerBlock;
  const long long end = min(begin + kRowsPerBlock, count);
  for (long long i = begin + threadIdx.x; i < end; i += blockDim.x) {
    const long long row = index != nullptr ? index[i] : i;
    const int2 g = gradients[row];
    const uint8_t* values = by_row + row * stride + first;
    for (int j = 0; j < features; ++j) {
      const int s = slots[first + j] - base + values[j];
      add_wide(&sums.gradient_low[s], &sums.gradient_high[s], g.x);
      add_wide(&sums.hessian_low[s], &sums.hessian_high[s], g.y);
      atomicAdd(&sums.rows[s], 1u);
    }
  }
  __syncthreads();
  for (int s = threadIdx.x; s < total; s += blockDim.x) {
    if (sums.rows[s] == 0) continue;
    unsigned long long* slot = out + 3ll * (base + s);
    atomicAdd(slot, join(sums.gradient_low[s], sums.gradient_high[s]));
    atomicAdd(slot + 1, join(sums.hessian_low[s], sums.hessian_high[s]));
    atomicAdd(slot + 2, static_cast<unsigned long long>(sums.rows[s]));
  }
}

/// A stream of the calling thread; destroyed with it.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "stream"); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

cudaStream_t stream() {
  thread_local const Stream own;
  return own;
}

/// Device memory of one call, in the order of its stream.
class Scratch {
 public:
  explicit Scratch(size_t size) {
    check(cudaMallocAsync(&data_, std::max<size_t>(size, 1), stream()), "histogram: memory");
  }
  Scratch(const void* host, size_t size) : Scratch(size) {
    check(cudaMemcpyAsync(data_, host, size, cudaMemcpyHostToDevice, stream()), "histogram: copy");
  }
  ~Scratch() { cudaFreeAsync(data_, stream()); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  template <typename T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

}  // namespace

Buffer copy_to_device(const void* data, size_t size) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, std::max<size_t>(size, 1)), "copy_to_device: memory");
  const std::shared_ptr<const void> owner(memory,
                                          [](const void* p) { cudaFree(const_cast<void*>(p)); });
  check(cudaMemcpyAsync(memory, data, size, cudaMemcpyHostToDevice, stream()), "copy_to_device");
  check(cudaStreamSynchronize(stream()), "copy_to_device");
  return Buffer::wrap(memory, size, owner, Device{Device::Kind::kCuda, 0});
}

void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out) {
  static_assert(sizeof(GradientSums) == 24 && sizeof(Gradient) == sizeof(int2));
  static_assert(sizeof(SharedSums) <= 48 * 1024);
  const BinMatrix& bins = source.bins;
  const size_t out_bytes = static_cast<size_t>(bins.total_slots()) * sizeof(GradientSums);
  std::fill(out, out + bins.total_slots(), GradientSums{});
  if (rows.count == 0 || bins.width() == 0) return;
  const Scratch slots(bins.slots(), (static_cast<size_t>(bins.width()) + 1) * sizeof(int32_t));
  const Scratch index(
      rows.index, rows.index != nullptr ? static_cast<size_t>(rows.count) * sizeof(int32_t) : 0);
  const Scratch sums(out_bytes);
  check(cudaMemsetAsync(sums.as<void>(), 0, out_bytes, stream()), "histogram: memset");
  const dim3 grid(static_cast<unsigned>((rows.count + kRowsPerBlock - 1) / kRowsPerBlock),
                  static_cast<unsigned>((bins.width() + kGroup - 1) / kGroup));
  histogram_sum<<<grid, kThreads, sizeof(SharedSums), stream()>>>(
      source.by_row.data(), device_stride(bins), source.gradients.as<int2>(),
      rows.index != nullptr ? index.as<int>() : nullptr, rows.count, slots.as<int>(), bins.width(),
      sums.as<unsigned long long>());
  check(cudaGetLastError(), "histogram: launch");
  check(cudaMemcpyAsync(out, sums.as<void>(), out_bytes, cudaMemcpyDeviceToHost, stream()),
        "histogram: copy back");
  check(cudaStreamSynchronize(stream()), "histogram");
}

}  // namespace cne::gbdt::gpu
