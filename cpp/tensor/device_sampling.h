#pragma once

#include <cstdint>

#include "core/kernel.h"
#include "tensor/device_fragment.h"
#include "tensor/element.h"
#include "tensor/threefry.h"

namespace cne::tensor {

/// How one of the best scores of a row is drawn.
struct SamplingOptions {
  float temperature = 1;  // scores are divided by it; 0 takes the best one
  float top_p = 1;        // the fewest best ones whose probability is at least this
};

/// The upper half of a product of 64 bits.
CNE_HD inline uint64_t upper_product(uint64_t a, uint64_t b) {
  const uint64_t low = (a & 0xffffffff) * (b & 0xffffffff);
  const uint64_t cross = (a >> 32) * (b & 0xffffffff) + (low >> 32);
  const uint64_t other = (a & 0xffffffff) * (b >> 32) + (cross & 0xffffffff);
  return (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32);
}

/// One of the k best scores of each row, which top_k found, with probabilities proportional to
/// exp(score / temperature), among the fewest that have top_p together.
///
/// Weights are whole numbers of 2^-40 of the largest, so that their sums do not depend on the order
/// and the draw, bits * sum / 2^64 with the bits of the row of random.bits(key, rows, uint64), is
/// the same wherever the weights are. A block does a row; its scores are read once.
template <typename T>
struct SampleRows {
  static constexpr const char* kName = "sample";
  static constexpr int kThreads = 128;
  static constexpr int kMost = 1024;  // of k
  static constexpr float kUnits = 0x1p40F;

  const T* scores;        // (rows, k), the best one first
  const int64_t* places;  // alike
  int64_t rows;
  int k;  // 1 to kMost
  SamplingOptions options;
  Words key;
  int64_t* out;  // (rows): the places of those that are drawn

  struct Shared {
    uint64_t sums[2][kMost];
    int32_t last;  // of those that may be drawn
    int32_t chosen;
  };

  Grid grid() const { return {rows, 1}; }
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* const shared = block.template shared<Shared>();
    const int64_t row = block.x();
    const T* const own = scores + row * k;
    const float top = to_float(own[0]);
    const float factor = options.temperature > 0 ? 0x1.715476p0F / options.temperature : 0.0F;
    block.each([&](int t) {
      if (t == 0) {
        shared->last = k - 1;
        shared->chosen = 0;
      }
      for (int i = t; i < k; i += kThreads)
        shared->sums[0][i] = i == 0 ? static_cast<uint64_t>(kUnits)
                                    : units_of(block.exp2((to_float(own[i]) - top) * factor));
    });
    int from = 0;
    for (int by = 1; by < k; by *= 2, from ^= 1)
      block.each([&](int t) {
        for (int i = t; i < k; i += kThreads)
          shared->sums[from ^ 1][i] =
              shared->sums[from][i] + (i >= by ? shared->sums[from][i - by] : 0);
      });
    const uint64_t* const sums = shared->sums[from];
    const auto total = static_cast<double>(sums[k - 1]);
    const double wanted = total * static_cast<double>(options.top_p);
    block.each([&](int t) {
      for (int i = t; i < k; i += kThreads)
        if (static_cast<double>(sums[i]) >= wanted &&
            (i == 0 || static_cast<double>(sums[i - 1]) < wanted))
          shared->last = i;
    });
    const Words words =
        threefry(key, {static_cast<uint32_t>(row >> 32), static_cast<uint32_t>(row)});
    const uint64_t bits = uint64_t{words.first} << 32 | words.second;
    const uint64_t drawn = upper_product(bits, sums[shared->last]);
    block.each([&](int t) {
      for (int i = t; i <= shared->last; i += kThreads)
        if (sums[i] > drawn && (i == 0 || sums[i - 1] <= drawn)) shared->chosen = i;
    });
    block.each([&](int t) {
      if (t == 0) out[row] = places[row * k + (options.temperature > 0 ? shared->chosen : 0)];
    });
  }

 private:
  /// None of what is no number.
  CNE_BODY static uint64_t units_of(float weight) {
    return weight >= 0 && weight <= 1 ? static_cast<uint64_t>(weight * kUnits) : 0;
  }
};

/// Draws of rows (rows, k) of float32, float16 or bfloat16, and their places, as device_top_k gives
/// them. Throws TypeError for another type, ArgumentError for a k beyond 1 to 1,024, a negative
/// temperature, or a top_p beyond 0 to 1.
void device_sample(const DeviceQueue& queue, Element element, const void* scores,
                   const int64_t* places, int64_t rows, int64_t k, const SamplingOptions& options,
                   Words key, int64_t* out);

}  // namespace cne::tensor
