#pragma once

#include <cmath>
#include <cstdint>

#include "tensor/device_row.h"

namespace cne::tensor {

/// Rows that are brought to mean 0 (layer_norm alone) and mean square 1, then scaled by column:
///
///   y = (x - mean) scale weight + bias,  scale = 1 / sqrt(mean((x - mean)^2) + eps)
///
/// A chain of elements gives the same (fused_source); this one keeps what derivatives need.
struct NormInputs {
  const void* x;       // (rows, columns), in order
  const void* weight;  // (columns), or null: 1
  int64_t rows;
  int64_t columns;
  bool is_centered;  // layer_norm; else rms_norm
};

/// Two sums of a row.
struct RowSums {
  float first;
  float second;
};
CNE_HD inline RowSums operator+(RowSums a, RowSums b) {
  return {a.first + b.first, a.second + b.second};
}

/// A block does kRowThreads / kLanes rows. They are read from memory once, then from the first
/// cache: for the mean, for the squares about it, and to be scaled.
template <typename T, int kLanes>
struct NormRows {
  static constexpr const char* kName = "norm";
  static constexpr int kThreads = kRowThreads;
  static constexpr int kRows = kThreads / kLanes;
  NormInputs of;
  const T* bias;  // (columns), or null: 0
  float eps;
  bool is_aligned;
  T* out;
  float* means;   // (rows); null without a mean
  float* scales;  // (rows)

  Grid grid() const { return {(of.rows + kRows - 1) / kRows, 1}; }
  size_t shared_bytes() const { return sizeof(float) * (kThreads / 32); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    typename Block::template Private<float, kThreads> means_of, squares;
    const auto row_of = [&](int t) { return block.x() * kRows + t / kLanes; };
    const auto from = [&](int t) { return static_cast<const T*>(of.x) + row_of(t) * of.columns; };
    const auto add = [](float a, float b) { return a + b; };
    const float share = 1 / static_cast<float>(of.columns);
    auto* const shared = block.template shared<float>();
    block.lanes([&](int t) {
      float sum = 0;
      if (of.is_centered && row_of(t) < of.rows)
        for_row<kLanes>(from(t), of.columns, t % kLanes, is_aligned,
                        [&](int64_t, float x) { sum += x; });
      means_of[t] = sum;
    });
    if (of.is_centered) join_row<kLanes>(block, means_of, shared, add);
    block.each([&](int t) {
      const float mean = means_of[t] * share;
      float sum = 0;
      if (row_of(t) < of.rows)
        for_row<kLanes>(from(t), of.columns, t % kLanes, is_aligned,
                        [&](int64_t, float x) { sum += (x - mean) * (x - mean); });
      means_of[t] = mean;
      squares[t] = sum;
    });
    join_row<kLanes>(block, squares, shared, add);
    block.lanes([&](int t) {
      const int64_t row = row_of(t);
      if (row >= of.rows) return;
      const float mean = means_of[t];
      const float scale = 1 / std::sqrt(squares[t] * share + eps);
      const auto* const weight = static_cast<const T*>(of.weight);
      map_row<kLanes>(from(t), out + row * of.columns, of.columns, t % kLanes, is_aligned,
                      [&](int64_t i, float x) {
                        const float y = (x - mean) * scale;
                        const float scaled = weight == nullptr ? y : y * to_float(weight[i]);
                        return bias == nullptr ? scaled : scaled + to_float(bias[i]);
                      });
      if (t % kLanes != 0) return;
      if (of.is_centered) means[row] = mean;
      scales[row] = scale;
    });
  }
};

/// The derivative by x of a cotangent g of y, with y' = (x - mean) scale and h = g weight:
///
///   scale (h - mean(h) - y' mean(h y')),  without mean(h) where rows are not centered
///
/// Blocks as those of NormRows; both are read once from memory.
template <typename T, int kLanes>
struct NormGradient {
  static constexpr const char* kName = "norm: derivative";
  static constexpr int kThreads = kRowThreads;
  static constexpr int kRows = kThreads / kLanes;
  NormInputs of;
  bool is_aligned;
  const T* cotangent;
  const float* means;
  const float* scales;
  T* slopes;

  Grid grid() const { return {(of.rows + kRows - 1) / kRows, 1}; }
  size_t shared_bytes() const { return sizeof(RowSums) * (kThreads / 32); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    typename Block::template Private<RowSums, kThreads> sums;
    const auto row_of = [&](int t) { return block.x() * kRows + t / kLanes; };
    const auto* const weight = static_cast<const T*>(of.weight);
    const auto weighted = [&](int64_t i, float g) {
      return weight == nullptr ? g : g * to_float(weight[i]);
    };
    const auto* const x = static_cast<const T*>(of.x);
    block.lanes([&](int t) {
      RowSums own{0, 0};
      const int64_t row = row_of(t);
      if (row < of.rows) {
        const float mean = of.is_centered ? means[row] : 0.0F;
        const float scale = scales[row];
        for_row<kLanes>(cotangent + row * of.columns, of.columns, t % kLanes, is_aligned,
                        [&](int64_t i, float g) {
                          const float h = weighted(i, g);
                          const float y = (to_float(x[row * of.columns + i]) - mean) * scale;
                          own = own + RowSums{h, h * y};
                        });
      }
      sums[t] = own;
    });
    join_row<kLanes>(block, sums, block.template shared<RowSums>(),
                     [](RowSums a, RowSums b) { return a + b; });
    block.lanes([&](int t) {
      const int64_t row = row_of(t);
      if (row >= of.rows) return;
      const float mean = of.is_centered ? means[row] : 0.0F;
      const float scale = scales[row];
      const float share = 1 / static_cast<float>(of.columns);
      const float even = of.is_centered ? sums[t].first * share : 0.0F;
      const float along = sums[t].second * share;
      map_row<kLanes>(cotangent + row * of.columns, slopes + row * of.columns, of.columns,
                      t % kLanes, is_aligned, [&](int64_t i, float g) {
                        const float y = (to_float(x[row * of.columns + i]) - mean) * scale;
                        return scale * (weighted(i, g) - even - y * along);
                      });
    });
  }
};

/// Sums over some rows of g y' and g, the derivatives by weight and bias. Block (x, y) does chunk x
/// of kChunk rows and 32 columns; eight threads share a column, and are added up in order.
template <typename T>
struct NormColumnParts {
  static constexpr const char* kName = "norm: derivative by weight";
  static constexpr int kThreads = 256;
  static constexpr int kChunk = 256;
  static constexpr int kShares = kThreads / 32;
  NormInputs of;
  const T* cotangent;
  const float* means;
  const float* scales;
  RowSums* parts;  // (chunks, columns)

  int64_t chunks() const { return (of.rows + kChunk - 1) / kChunk; }
  Grid grid() const { return {chunks(), (of.columns + 31) / 32}; }
  size_t shared_bytes() const { return sizeof(RowSums) * kThreads; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* const shared = block.template shared<RowSums>();
    const int64_t first = block.x() * kChunk;
    const int64_t end = first + kChunk < of.rows ? first + kChunk : of.rows;
    block.each([&](int t) {
      const int64_t column = block.y() * 32 + t % 32;
      RowSums own{0, 0};
      for (int64_t row = first + t / 32; column < of.columns && row < end; row += kShares) {
        const float g = to_float(cotangent[row * of.columns + column]);
        const float x = to_float(static_cast<const T*>(of.x)[row * of.columns + column]);
        own = own + RowSums{g * (x - (of.is_centered ? means[row] : 0.0F)) * scales[row], g};
      }
      shared[t] = own;
    });
    block.each([&](int t) {
      const int64_t column = block.y() * 32 + t;
      if (t >= 32 || column >= of.columns) return;
      RowSums all = shared[t];
      for (int i = 1; i < kShares; ++i) all = all + shared[32 * i + t];
      parts[block.x() * of.columns + column] = all;
    });
  }
};

/// The sums of all chunks in order, as float64, a column for each thread.
template <typename T>
struct NormColumnSums {
  static constexpr const char* kName = "norm: derivative by weight";
  static constexpr int kThreads = 128;
  const RowSums* parts;
  int64_t chunks;
  int64_t columns;
  T* weight;  // (columns)
  T* bias;    // alike, or null

  Grid grid() const { return {(columns + kThreads - 1) / kThreads, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.each([&](int t) {
      const int64_t column = block.x() * kThreads + t;
      if (column >= columns) return;
      double by_weight = 0;
      double by_bias = 0;
      for (int64_t i = 0; i < chunks; ++i) {
        by_weight += parts[i * columns + column].first;
        by_bias += parts[i * columns + column].second;
      }
      weight[column] = from_float<T>(static_cast<float>(by_weight));
      if (bias != nullptr) bias[column] = from_float<T>(static_cast<float>(by_bias));
    });
  }
};

/// What goes with both directions, in the memory of the device; of one element type: float32,
/// float16 or bfloat16. Sums are float32. They throw TypeError for another type.
void device_norm(const DeviceQueue& queue, Element element, const NormInputs& inputs,
                 const void* bias, float eps, void* out, float* means, float* scales);

/// Derivatives by x, weight and, unless null, bias. Room for parts is allocated here.
void device_norm_gradient(const DeviceQueue& queue, Element element, const NormInputs& inputs,
                          const void* cotangent, const float* means, const float* scales,
                          void* by_x, void* by_weight, void* by_bias);

}  // namespace cne::tensor
