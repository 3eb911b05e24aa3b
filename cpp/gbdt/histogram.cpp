#include "gbdt/histogram.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "core/simd.h"

namespace cne::gbdt {

namespace {

constexpr int kGroup = 8;               // features summed in one pass: about 32 KiB of sums
constexpr int64_t kPrefetch = 24;       // rows ahead
constexpr int64_t kSerialWork = 30000;  // row-features below which waking threads costs more

/// Both sums of one bin side by side, so that a row costs one 16-byte addition a feature.
typedef int64_t Pair __attribute__((vector_size(16)));

Pair widen(Gradient g) {
  // The gradient moves above the row counter; it may be negative, the sum still decodes.
  return Pair{(static_cast<int64_t>(g.gradient) << kCountBits) + 1, g.hessian};
}

/// Adds rows of features [first, first + N) to `sums`. `slots` are relative to the group.
template <int N, bool kIndexed>
void add_rows(const uint8_t* by_row, int64_t stride, const Gradient* gradients,
              const int32_t* index, int64_t begin, int64_t end, const int32_t* slots, Pair* sums) {
  Pair* base[N];
  for (int j = 0; j < N; ++j) base[j] = sums + slots[j];
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = kIndexed ? index[i] : i;
    if (kIndexed) {
      const int64_t ahead = index[std::min(i + kPrefetch, end - 1)];
      __builtin_prefetch(by_row + ahead * stride);
      __builtin_prefetch(gradients + ahead);
    }
    const Pair g = widen(gradients[row]);
    const uint8_t* values = by_row + row * stride;
    for (int j = 0; j < N; ++j) base[j][values[j]] += g;
  }
}

using AddRows = void (*)(const uint8_t*, int64_t, const Gradient*, const int32_t*, int64_t, int64_t,
                         const int32_t*, Pair*);

template <bool kIndexed>
AddRows kernel_for(int features) {
  static constexpr AddRows kKernels[kGroup] = {
      add_rows<1, kIndexed>, add_rows<2, kIndexed>, add_rows<3, kIndexed>, add_rows<4, kIndexed>,
      add_rows<5, kIndexed>, add_rows<6, kIndexed>, add_rows<7, kIndexed>, add_rows<8, kIndexed>};
  return kKernels[features - 1];
}

void unpack_into(const Pair* packed, int slots, GradientSums* out) {
  constexpr int64_t kCountMask = (int64_t{1} << kCountBits) - 1;
  for (int s = 0; s < slots; ++s) {
    out[s].gradient += packed[s][0] >> kCountBits;
    out[s].hessian += packed[s][1];
    out[s].rows += packed[s][0] & kCountMask;
  }
}

/// One task: the rows of one chunk, the features of one group.
void sum_group(const HistogramSource& source, RowSet rows, int64_t begin, int64_t end, int first,
               std::vector<Pair>& scratch, std::mutex& guard, GradientSums* out) {
  const BinMatrix& bins = source.bins;
  const int last = std::min(first + kGroup, bins.width());
  const int slots = bins.slot(last) - bins.slot(first);
  scratch.assign(static_cast<size_t>(slots), Pair{0, 0});
  int32_t relative[kGroup] = {};
  for (int j = first; j < last; ++j) relative[j - first] = bins.slot(j) - bins.slot(first);
  const AddRows add =
      rows.index != nullptr ? kernel_for<true>(last - first) : kernel_for<false>(last - first);
  add(source.by_row.data() + first, bins.row_stride(), source.gradients.as<Gradient>(), rows.index,
      begin, end, relative, scratch.data());
  const std::lock_guard lock(guard);
  unpack_into(scratch.data(), slots, out + bins.slot(first));
}

}  // namespace

namespace cpu {

void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out) {
  const BinMatrix& bins = source.bins;
  std::fill(out, out + bins.total_slots(), GradientSums{});
  const int64_t groups = (bins.width() + kGroup - 1) / kGroup;
  const int64_t chunks = (rows.count + kPackedRows - 1) / kPackedRows;
  const auto guards = std::make_unique<std::mutex[]>(static_cast<size_t>(groups));
  const auto task = [&](int64_t number, int) {
    thread_local std::vector<Pair> scratch;
    // All groups of a chunk follow each other, so that its rows come from the cache.
    const int64_t group = number % groups;
    const int64_t begin = number / groups * kPackedRows;
    sum_group(source, rows, begin, std::min(rows.count, begin + kPackedRows),
              static_cast<int>(group) * kGroup, scratch, guards[group], out);
  };
  if (rows.count * bins.width() < kSerialWork) {
    for (int64_t number = 0; number < groups * chunks; ++number) task(number, 0);
  } else {
    parallel_tasks(groups * chunks, task);
  }
}

}  // namespace cpu

Buffer rows_on(Device device, const BinMatrix& bins) {
  if (device.is_cpu()) return bins.by_row_buffer();
  if constexpr (kWithCuda)
    return gpu::copy_to_device(bins.by_row_buffer().data(), bins.by_row_buffer().size());
  else
    throw_no_cuda("train");
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
  if (source.by_row.device().is_cpu())
    cpu::build_histogram(source, rows, out);
  else if constexpr (kWithCuda)
    gpu::build_histogram(source, rows, out);
  else
    throw_no_cuda("build_histogram");
}

}  // namespace cne::gbdt
