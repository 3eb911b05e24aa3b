#include "gbdt/histogram.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "core/simd.h"

namespace cne::gbdt {

namespace {

constexpr int kBins = 256;              // slots of a feature while a dense group is summed
constexpr int kBatch = 4;               // groups that a task sums
constexpr int64_t kBlock = 2048;        // rows that stay in the cache for all groups of a batch
constexpr int64_t kLeastChunk = 4096;   // rows of a task
constexpr int64_t kPrefetch = 24;       // rows ahead
constexpr int64_t kSerialWork = 30000;  // row-features below which waking threads costs more

/// Both sums of one bin side by side, so that a row costs one 16-byte addition a feature.
typedef int64_t Pair __attribute__((vector_size(16)));

Pair widen(Gradient g) {
  // The gradient moves above the row counter; it may be negative, the sum still decodes.
  return Pair{(static_cast<int64_t>(g.gradient) << kCountBits) + 1, g.hessian};
}

/// Adds rows of N features to `sums`, kBins apart: one base address, the rest are constants.
template <int N, bool kIndexed>
void add_rows(const uint8_t* by_row, int64_t stride, const Gradient* gradients,
              const int32_t* index, int64_t begin, int64_t end, Pair* sums) {
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = kIndexed ? index[i] : i;
    if (kIndexed) {
      const int64_t ahead = index[std::min(i + kPrefetch, end - 1)];
      __builtin_prefetch(by_row + ahead * stride);
      __builtin_prefetch(gradients + ahead);
    }
    const Pair g = widen(gradients[row]);
    const uint8_t* values = by_row + row * stride;
    for (int j = 0; j < N; ++j) sums[j * kBins + values[j]] += g;
  }
}

using AddRows = void (*)(const uint8_t*, int64_t, const Gradient*, const int32_t*, int64_t, int64_t,
                         Pair*);

template <bool kIndexed, int... N>
constexpr std::array<AddRows, sizeof...(N)> kernels_of(std::integer_sequence<int, N...>) {
  return {add_rows<N + 1, kIndexed>...};
}

template <bool kIndexed>
AddRows kernel_for(int features) {
  static constexpr auto kKernels =
      kernels_of<kIndexed>(std::make_integer_sequence<int, kDenseGroup>());
  return kKernels[features - 1];
}

/// Adds rows of a sparse group: their entries to `sums`, all of them to the result.
template <bool kIndexed>
Pair add_entries(const RowGroup& group, const Gradient* gradients, const int32_t* index,
                 int64_t begin, int64_t end, Pair* sums) {
  const uint32_t* at = group.begin.data();
  const uint16_t* entries = group.entries.data();
  Pair total{0, 0};
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = kIndexed ? index[i] : i;
    if (kIndexed) {
      const int64_t far = index[std::min(i + 2 * kPrefetch, end - 1)];
      __builtin_prefetch(at + far);
      __builtin_prefetch(gradients + far);
      __builtin_prefetch(entries + at[index[std::min(i + kPrefetch, end - 1)]]);
    }
    const Pair g = widen(gradients[row]);
    total += g;
    for (uint32_t e = at[row]; e < at[row + 1]; ++e) sums[entries[e]] += g;
  }
  return total;
}

/// What the common bin of each feature of a sparse group holds: all that the others do not.
void add_common(const BinMatrix& bins, const RowGroup& group, Pair total, Pair* sums) {
  for (int j = group.first; j < group.last; ++j) {
    Pair* slots = sums + (bins.slot(j) - bins.slot(group.first));
    Pair rest = total;
    for (int s = 0; s <= bins.bins(j).count(); ++s) rest -= slots[s];
    slots[bins.by_row().common(j)] = rest;
  }
}

GradientSums unpack(const Pair& packed) {
  constexpr int64_t kCountMask = (int64_t{1} << kCountBits) - 1;
  return {packed[0] >> kCountBits, packed[1], packed[0] & kCountMask};
}

/// Slots of a group while it is summed.
int64_t scratch_slots(const BinMatrix& bins, const RowGroup& group) {
  return group.sparse ? bins.slot(group.last) - bins.slot(group.first)
                      : static_cast<int64_t>(group.last - group.first) * kBins;
}

/// Adds rows [begin, end) to the sums of a group; returns the sum of all where it is sparse.
Pair add_block(const HistogramSource& source, RowSet rows, int64_t begin, int64_t end,
               const RowGroup& group, Pair* sums) {
  const auto* gradients = source.gradients.as<Gradient>();
  if (group.sparse) {
    const auto add = rows.index != nullptr ? add_entries<true> : add_entries<false>;
    return add(group, gradients, rows.index, begin, end, sums);
  }
  const BinRows& by_row = source.bins.by_row();
  const AddRows add = rows.index != nullptr ? kernel_for<true>(group.last - group.first)
                                            : kernel_for<false>(group.last - group.first);
  add(by_row.dense() + group.column, by_row.stride(), gradients, rows.index, begin, end, sums);
  return Pair{0, 0};
}

/// The sums of a group to the slots of its features: instead of what is there, or added to it.
void unpack_group(const BinMatrix& bins, const RowGroup& group, const Pair* sums, bool add,
                  GradientSums* out) {
  for (int j = group.first; j < group.last; ++j) {
    const Pair* from =
        sums + (group.sparse ? bins.slot(j) - bins.slot(group.first) : (j - group.first) * kBins);
    GradientSums* to = out + bins.slot(j);
    const int slots = bins.slot(j + 1) - bins.slot(j);
    if (add)
      for (int s = 0; s < slots; ++s) to[s] += unpack(from[s]);
    else
      for (int s = 0; s < slots; ++s) to[s] = unpack(from[s]);
  }
}

/// Groups [first, last) of one task: all of them over a block of rows before the next block.
void sum_groups(const HistogramSource& source, RowSet rows, int64_t begin, int64_t end,
                const RowGroup* groups, int count, std::vector<Pair>& scratch) {
  const BinMatrix& bins = source.bins;
  int64_t slots = 0;
  for (int g = 0; g < count; ++g) slots += scratch_slots(bins, groups[g]);
  scratch.assign(static_cast<size_t>(slots), Pair{0, 0});
  Pair totals[kBatch] = {};
  for (int64_t at = begin; at < end; at += kBlock) {
    Pair* sums = scratch.data();
    for (int g = 0; g < count; ++g) {
      totals[g] += add_block(source, rows, at, std::min(end, at + kBlock), groups[g], sums);
      sums += scratch_slots(bins, groups[g]);
    }
  }
  Pair* sums = scratch.data();
  for (int g = 0; g < count; ++g) {
    if (groups[g].sparse) add_common(bins, groups[g], totals[g], sums);
    sums += scratch_slots(bins, groups[g]);
  }
}

}  // namespace

namespace cpu {

void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out) {
  const BinMatrix& bins = source.bins;
  const std::vector<RowGroup>& groups = bins.by_row().groups();
  const auto batches = static_cast<int64_t>((groups.size() + kBatch - 1) / kBatch);
  if (batches == 0 || rows.count == 0) {
    std::fill(out, out + bins.total_slots(), GradientSums{});
    return;
  }
  // Any cut of the rows gives the same sums, so it may depend on the number of threads.
  const int64_t share = (rows.count * batches + num_threads() - 1) / num_threads();
  const int64_t chunk = std::clamp(share, kLeastChunk, kPackedRows);
  const int64_t chunks = (rows.count + chunk - 1) / chunk;
  if (chunks > 1) std::fill(out, out + bins.total_slots(), GradientSums{});
  const auto guards = std::make_unique<std::mutex[]>(static_cast<size_t>(batches));
  const auto task = [&](int64_t number, int) {
    thread_local std::vector<Pair> scratch;
    // All batches of a chunk follow each other, so that its rows come from the cache.
    const int64_t batch = number % batches;
    const int64_t begin = number / batches * chunk;
    const RowGroup* first = groups.data() + batch * kBatch;
    const int count =
        static_cast<int>(std::min<int64_t>(kBatch, groups.data() + groups.size() - first));
    sum_groups(source, rows, begin, std::min(rows.count, begin + chunk), first, count, scratch);
    const std::lock_guard lock(guards[batch]);
    const Pair* sums = scratch.data();
    for (int g = 0; g < count; ++g) {
      unpack_group(bins, first[g], sums, chunks > 1, out);
      sums += scratch_slots(bins, first[g]);
    }
  };
  if (rows.count * bins.width() < kSerialWork) {
    for (int64_t number = 0; number < batches * chunks; ++number) task(number, 0);
  } else {
    parallel_tasks(batches * chunks, task);
  }
}

}  // namespace cpu

int64_t device_stride(const BinMatrix& bins) { return (bins.width() + 3) / 4 * 4; }

Buffer rows_on(Device device, const BinMatrix& bins) {
  if (device.is_cpu()) return {};
  if constexpr (kWithCuda) {
    const Buffer rows = dense_rows(bins, bins.width(), device_stride(bins));
    return gpu::copy_to_device(rows.data(), rows.size());
  } else {
    throw_no_cuda("train");
  }
}

Buffer gradients_on(Device device, const std::vector<Gradient>& gradients) {
  const size_t bytes = gradients.size() * sizeof(Gradient);
  if (device.is_cpu()) return Buffer::wrap(gradients.data(), bytes, nullptr);
  if constexpr (kWithCuda)
    return gpu::copy_to_device(gradients.data(), bytes);
  else
    throw_no_cuda("train");
}

void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out) {
  if (source.gradients.device().is_cpu())
    cpu::build_histogram(source, rows, out);
  else if constexpr (kWithCuda)
    gpu::build_histogram(source, rows, out);
  else
    throw_no_cuda("build_histogram");
}

}  // namespace cne::gbdt
