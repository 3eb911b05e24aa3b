#include "gbdt/histogram.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "gbdt/histogram_packing.h"

namespace cne::gbdt {

namespace {

constexpr int kBins = 256;              // slots of a feature while a dense group is summed
constexpr int kBatch = 4;               // groups that a task sums
constexpr int64_t kBlock = 2048;        // rows that stay in the cache for all groups of a batch
constexpr int64_t kLeastChunk = 4096;   // rows of a task
constexpr int64_t kPrefetch = 24;       // rows ahead
constexpr int64_t kSerialWork = 30000;  // row-features below which waking threads costs more

/// Rows of a block, listed or one after the other, with what each of them adds.
template <typename Packing>
struct Block {
  const int32_t* index;  // null: rows from `first` on
  int64_t first;
  int64_t count;
  const typename Packing::Sum* packed;
};

/// Adds rows of N features to `sums`, kBins apart: one base address, the rest are constants.
template <typename Packing, int N, bool kIndexed>
void add_rows(const uint8_t* by_row, int64_t stride, const Block<Packing>& block,
              typename Packing::Sum* sums) {
  for (int64_t i = 0; i < block.count; ++i) {
    const int64_t row = kIndexed ? block.index[i] : block.first + i;
    if (kIndexed) {
      const uint8_t* ahead =
          by_row + block.index[std::min(i + kPrefetch, block.count - 1)] * stride;
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + N - 1);
    }
    const typename Packing::Sum g = block.packed[i];
    const uint8_t* values = by_row + row * stride;
    for (int j = 0; j < N; ++j) sums[j * kBins + values[j]] += g;
  }
}

template <typename Packing>
using AddRows = void (*)(const uint8_t*, int64_t, const Block<Packing>&, typename Packing::Sum*);

template <typename Packing, bool kIndexed, int... N>
constexpr std::array<AddRows<Packing>, sizeof...(N)> kernels_of(std::integer_sequence<int, N...>) {
  return {add_rows<Packing, N + 1, kIndexed>...};
}

template <typename Packing, bool kIndexed>
AddRows<Packing> kernel_for(int features) {
  static constexpr auto kKernels =
      kernels_of<Packing, kIndexed>(std::make_integer_sequence<int, kDenseGroup>());
  return kKernels[features - 1];
}

/// Adds rows of a sparse group: their entries.
template <typename Packing, bool kIndexed>
void add_entries(const RowGroup& group, const Block<Packing>& block, typename Packing::Sum* sums) {
  const uint32_t* at = group.begin.data();
  const uint16_t* entries = group.entries.data();
  for (int64_t i = 0; i < block.count; ++i) {
    const int64_t row = kIndexed ? block.index[i] : block.first + i;
    if (kIndexed) {
      __builtin_prefetch(at + block.index[std::min(i + 2 * kPrefetch, block.count - 1)]);
      __builtin_prefetch(entries + at[block.index[std::min(i + kPrefetch, block.count - 1)]]);
    }
    const typename Packing::Sum g = block.packed[i];
    for (uint32_t e = at[row]; e < at[row + 1]; ++e) sums[entries[e]] += g;
  }
}

/// The same for rows of N entries each.
template <typename Packing, int N, bool kIndexed>
void add_even_entries(const RowGroup& group, const Block<Packing>& block,
                      typename Packing::Sum* sums) {
  const uint16_t* entries = group.entries.data();
  for (int64_t i = 0; i < block.count; ++i) {
    const int64_t row = kIndexed ? block.index[i] : block.first + i;
    if (kIndexed)
      __builtin_prefetch(entries + block.index[std::min(i + kPrefetch, block.count - 1)] * N);
    const typename Packing::Sum g = block.packed[i];
    for (int e = 0; e < N; ++e) sums[entries[row * N + e]] += g;
  }
}

template <typename Packing>
using AddEntries = void (*)(const RowGroup&, const Block<Packing>&, typename Packing::Sum*);

template <typename Packing, bool kIndexed, int... N>
constexpr std::array<AddEntries<Packing>, sizeof...(N) + 1> entry_kernels_of(
    std::integer_sequence<int, N...>) {
  return {add_entries<Packing, kIndexed>, add_even_entries<Packing, N + 1, kIndexed>...};
}

template <typename Packing, bool kIndexed>
AddEntries<Packing> entry_kernel_for(int even) {
  static constexpr auto kKernels =
      entry_kernels_of<Packing, kIndexed>(std::make_integer_sequence<int, kEvenEntries>());
  return kKernels[even];
}

/// What the common bin of each feature of a sparse group holds: all that the others do not.
template <typename Sum>
void add_common(const BinMatrix& bins, const RowGroup& group, Sum total, Sum* sums) {
  for (int j = group.first; j < group.last; ++j) {
    Sum* slots = sums + (bins.slot(j) - bins.slot(group.first));
    Sum rest = total;
    for (int s = 0; s <= bins.bins(j).count(); ++s) rest -= slots[s];
    slots[bins.by_row().common(j)] = rest;
  }
}

/// Slots of a group while it is summed.
int64_t scratch_slots(const BinMatrix& bins, const RowGroup& group) {
  return group.sparse ? bins.slot(group.last) - bins.slot(group.first) + kSpareSlots
                      : static_cast<int64_t>(group.last - group.first) * kBins;
}

/// Adds the rows of a block to the sums of a group.
template <typename Packing>
void add_block(const BinRows& by_row, const RowGroup& group, const Block<Packing>& block,
               typename Packing::Sum* sums) {
  if (group.sparse) {
    const AddEntries<Packing> add = block.index != nullptr
                                        ? entry_kernel_for<Packing, true>(group.even)
                                        : entry_kernel_for<Packing, false>(group.even);
    add(group, block, sums);
    return;
  }
  const int width = group.last - group.first;
  const AddRows<Packing> add =
      block.index != nullptr ? kernel_for<Packing, true>(width) : kernel_for<Packing, false>(width);
  add(by_row.dense() + group.column, by_row.stride(), block, sums);
}

/// What rows [begin, end) add, side by side for all groups of a batch; returns their sum.
template <typename Packing>
typename Packing::Sum pack_block(const Gradient* gradients, RowSet rows, int64_t begin, int64_t end,
                                 typename Packing::Sum* packed) {
  typename Packing::Sum total = Packing::zero();
  for (int64_t i = begin; i < end; ++i) {
    int64_t row = i;
    if (rows.index != nullptr) {
      __builtin_prefetch(gradients + rows.index[std::min(i + kPrefetch, end - 1)]);
      row = rows.index[i];
    }
    packed[i - begin] = Packing::pack(gradients[row]);
    total += packed[i - begin];
  }
  return total;
}

/// The sums of a group to the slots of its features: instead of what is there, or added to it.
template <typename Packing>
void unpack_group(const BinMatrix& bins, const RowGroup& group, const typename Packing::Sum* sums,
                  bool add, GradientSums* out) {
  for (int j = group.first; j < group.last; ++j) {
    const auto* from =
        sums + (group.sparse ? bins.slot(j) - bins.slot(group.first) : (j - group.first) * kBins);
    GradientSums* to = out + bins.slot(j);
    const int slots = bins.slot(j + 1) - bins.slot(j);
    if (add)
      for (int s = 0; s < slots; ++s) to[s] += Packing::unpack(from[s]);
    else
      for (int s = 0; s < slots; ++s) to[s] = Packing::unpack(from[s]);
  }
}

/// Groups [first, last) of one task: all of them over a block of rows before the next block.
template <typename Packing>
void sum_groups(const HistogramSource& source, RowSet rows, int64_t begin, int64_t end,
                const RowGroup* groups, int count, std::vector<typename Packing::Sum>& scratch) {
  using Sum = typename Packing::Sum;
  const BinMatrix& bins = source.bins;
  int64_t slots = 0;
  for (int g = 0; g < count; ++g) slots += scratch_slots(bins, groups[g]);
  scratch.assign(static_cast<size_t>(slots), Packing::zero());
  Sum total = Packing::zero();
  thread_local std::array<Sum, kBlock> packed;
  const auto* gradients = source.gradients;
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t stop = std::min(end, at + kBlock);
    total += pack_block<Packing>(gradients, rows, at, stop, packed.data());
    const Block<Packing> block{rows.index != nullptr ? rows.index + at : nullptr, at, stop - at,
                               packed.data()};
    Sum* sums = scratch.data();
    for (int g = 0; g < count; ++g) {
      add_block(bins.by_row(), groups[g], block, sums);
      sums += scratch_slots(bins, groups[g]);
    }
  }
  Sum* sums = scratch.data();
  for (int g = 0; g < count; ++g) {
    if (groups[g].sparse) add_common(bins, groups[g], total, sums);
    sums += scratch_slots(bins, groups[g]);
  }
}

template <typename Packing>
void build(const HistogramSource& source, RowSet rows, GradientSums* out) {
  const BinMatrix& bins = source.bins;
  const std::vector<RowGroup>& groups = bins.by_row().groups();
  const auto batches = static_cast<int64_t>((groups.size() + kBatch - 1) / kBatch);
  // Any cut of the rows gives the same sums, so it may depend on the number of threads.
  const int64_t share = (rows.count * batches + num_threads() - 1) / num_threads();
  const int64_t chunk = std::min(std::max(share, kLeastChunk), Packing::kRows);
  const int64_t chunks = (rows.count + chunk - 1) / chunk;
  if (chunks > 1) std::fill(out, out + bins.total_slots(), GradientSums{});
  const auto guards = std::make_unique<std::mutex[]>(static_cast<size_t>(batches));
  const auto task = [&](int64_t number, int) {
    thread_local std::vector<typename Packing::Sum> scratch;
    // All batches of a chunk follow each other, so that its rows come from the cache.
    const int64_t batch = number % batches;
    const int64_t begin = number / batches * chunk;
    const RowGroup* first = groups.data() + batch * kBatch;
    const int count =
        static_cast<int>(std::min<int64_t>(kBatch, groups.data() + groups.size() - first));
    sum_groups<Packing>(source, rows, begin, std::min(rows.count, begin + chunk), first, count,
                        scratch);
    const std::lock_guard lock(guards[batch]);
    const auto* sums = scratch.data();
    for (int g = 0; g < count; ++g) {
      unpack_group<Packing>(bins, first[g], sums, chunks > 1, out);
      sums += scratch_slots(bins, first[g]);
    }
  };
  if (rows.count * bins.width() < kSerialWork) {
    for (int64_t number = 0; number < batches * chunks; ++number) task(number, 0);
  } else {
    parallel_tasks(batches * chunks, task);
  }
}

}  // namespace

void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out) {
  if (source.bins.width() == 0 || rows.count == 0)
    std::fill(out, out + source.bins.total_slots(), GradientSums{});
  else if (source.bits == GradientBits::k16)
    build<NarrowPacking<GradientBits::k16>>(source, rows, out);
  else if (source.bits == GradientBits::k8)
    build<NarrowPacking<GradientBits::k8>>(source, rows, out);
  else
    build<ExactPacking>(source, rows, out);
}

}  // namespace cne::gbdt
