#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.h"
#include "gbdt/bin_matrix.h"
#include "gbdt/quantized.h"

namespace cne::gbdt {

/// What a histogram holds of the rows in one bin, and of all rows of a leaf.
struct GradientSums {
  int64_t gradient = 0;
  int64_t hessian = 0;
  int64_t rows = 0;

  CNE_HD GradientSums& operator+=(const GradientSums& other) {
    gradient += other.gradient;
    hessian += other.hessian;
    rows += other.rows;
    return *this;
  }
  CNE_HD GradientSums operator-(const GradientSums& other) const {
    return {gradient - other.gradient, hessian - other.hessian, rows - other.rows};
  }
  bool operator==(const GradientSums&) const = default;
};

/// The rows of a leaf: `index` lists them ascending, or is null for rows 0 .. count-1.
struct RowSet {
  const int32_t* index = nullptr;
  int64_t count = 0;
};

// Up to so many rows are summed in packed form: the gradient above a row counter of 16 bits.
inline constexpr int64_t kPackedRows = 32768;
inline constexpr int kCountBits = 16;

/// What histograms are built from: the matrix, host memory that must outlive this, and `gradients`
/// (one Gradient for each row) on the device that works. `by_row` is the matrix by rows for a GPU,
/// device_stride(bins) bytes a row, and empty on the CPU.
struct HistogramSource {
  const BinMatrix& bins;
  Buffer by_row;
  Buffer gradients;
  GradientBits bits = GradientBits::k32;  // how large they are at most; says how they may be packed
};

/// Bytes from one row to the next in the memory of a GPU.
int64_t device_stride(const BinMatrix& bins);
/// The matrix by rows in the memory of a GPU; empty on the CPU. Throws UnsupportedError for the GPU
/// without CUDA, DeviceError when the GPU fails.
Buffer rows_on(Device device, const BinMatrix& bins);
/// Gradients on a device; on the CPU a view that `gradients` must outlive.
Buffer gradients_on(Device device, std::span<const Gradient> gradients);

/// Sums the gradients of `rows` by feature and bin into out[0, bins.total_slots()), host memory.
/// Exact integer arithmetic: the same result for any number of threads and on either device.
/// Runs where `source` lies.
void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out);

// The twins. Same arguments, already checked.
namespace cpu {
void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out);
}
namespace gpu {
void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out);
/// A copy of host bytes on the first GPU.
Buffer copy_to_device(const void* data, size_t size);
}  // namespace gpu

}  // namespace cne::gbdt
