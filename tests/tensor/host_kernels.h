// A block of a GPU on the CPU, for generated CUDA source: its text is included behind this, as it
// is. Every thread of a block is a context with a stack of its own. They take turns: one goes on to
// its next barrier (or exchange between lanes, which is two), then the next one, in another order
// in every other turn. A thread that ends while others wait is an error, as on a GPU.

#include <ucontext.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(threads)
#define __grid_constant__

struct Position {
  unsigned x = 0;
};
static Position threadIdx, blockIdx, gridDim;

namespace host_kernels {

constexpr size_t kStack = 1 << 16;
constexpr int kMostThreads = 1024;

struct Thread {
  ucontext_t context;
  std::vector<char> stack;
  bool is_done = false;
};
static std::vector<Thread> threads;
static ucontext_t scheduler;
static std::function<void()> body;
static unsigned char exchanged[kMostThreads][16];

static void enter(unsigned at) {
  threadIdx.x = at;
  body();
  threads[at].is_done = true;
}

inline void wait() {
  const unsigned own = threadIdx.x;
  swapcontext(&threads[own].context, &scheduler);
  threadIdx.x = own;
}

inline void run_block(int count) {
  if (threads.size() < static_cast<size_t>(count)) threads.resize(static_cast<size_t>(count));
  for (int t = 0; t < count; ++t) {
    Thread& thread = threads[static_cast<size_t>(t)];
    thread.stack.resize(kStack);
    thread.is_done = false;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.data();
    thread.context.uc_stack.ss_size = kStack;
    thread.context.uc_link = &scheduler;
    makecontext(&thread.context, reinterpret_cast<void (*)()>(&enter), 1, t);
  }
  for (bool is_backward = false;; is_backward = !is_backward) {
    int done = 0;
    for (int i = 0; i < count; ++i) {
      const int t = is_backward ? count - 1 - i : i;
      swapcontext(&scheduler, &threads[static_cast<size_t>(t)].context);
      done += threads[static_cast<size_t>(t)].is_done ? 1 : 0;
    }
    if (done == count) return;
    if (done != 0) {
      std::fprintf(stderr, "host_kernels: %d of %d threads ended while others wait\n", done, count);
      std::abort();
    }
  }
}

template <typename... Arguments, size_t... kAt>
void call(void (*kernel)(Arguments...), void** with, std::index_sequence<kAt...>) {
  kernel(static_cast<Arguments>(with[kAt])...);
}

/// Runs what a thread does in all threads of all blocks, the last block first.
inline void run_blocks(std::function<void()> thread, unsigned blocks, int count) {
  gridDim.x = blocks;
  body = std::move(thread);
  for (unsigned block = blocks; block-- > 0;) {
    blockIdx.x = block;
    run_block(count);
  }
}

template <typename... Arguments>
void launch(void (*kernel)(Arguments...), void** with, unsigned blocks, int count) {
  run_blocks([=] { call(kernel, with, std::index_sequence_for<Arguments...>()); }, blocks, count);
}

}  // namespace host_kernels

inline void __syncthreads() { host_kernels::wait(); }

template <typename T>
T __shfl_xor_sync(unsigned, T value, int by) {
  const unsigned own = threadIdx.x;
  std::memcpy(host_kernels::exchanged[own], &value, sizeof value);
  host_kernels::wait();
  std::memcpy(&value, host_kernels::exchanged[own ^ static_cast<unsigned>(by)], sizeof value);
  host_kernels::wait();
  return value;
}

// Threads take turns, so nothing comes between.
template <typename T>
T atomicAdd(T* to, T value) {
  return std::exchange(*to, *to + value);
}
template <typename T>
T atomicMax(T* to, T value) {
  return std::exchange(*to, *to < value ? value : *to);
}
template <typename T>
T atomicMin(T* to, T value) {
  return std::exchange(*to, value < *to ? value : *to);
}
template <typename T>
T atomicCAS(T* to, T expected, T value) {
  return std::exchange(*to, *to == expected ? value : *to);
}

// What the source defines for a compiler without a library.
#define std device_std
