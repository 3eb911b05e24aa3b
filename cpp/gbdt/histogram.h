#pragma once

#include <cstdint>
#include <vector>

#include "core/device.h"
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

/// What histograms are built from: a matrix and the gradients of its rows. Views.
struct HistogramSource {
  const BinMatrix& bins;
  const Gradient* gradients;
  GradientBits bits = GradientBits::k32;  // how large they are at most; says how they may be packed
};

/// Sums the gradients of `rows` by feature and bin into out[0, bins.total_slots()).
/// Exact integer arithmetic: the same result for any number of threads, and on a GPU
/// (device_histogram).
void build_histogram(const HistogramSource& source, RowSet rows, GradientSums* out);

}  // namespace cne::gbdt
