#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "tensor/device_row.h"
#include "tensor/element.h"

namespace cne::tensor {

/// Rows of scores and the class of each, on a device: what softmax_cross_entropy takes. A label
/// that is no class has the loss 0 and no derivative. `smoothing` of the target is spread evenly.
struct CrossEntropyInputs {
  const void* logits;     // (rows, classes), in order
  const int64_t* labels;  // (rows)
  int64_t rows;
  int64_t classes;
  float smoothing;

  CNE_BODY bool is_class(int64_t label) const { return label >= 0 && label < classes; }
};

/// Sums of a row so far.
struct SoftmaxSums {
  float top;
  float sum;    // of exp(x - shift)
  float total;  // of x

  CNE_BODY float shift() const { return std::isfinite(top) ? top : 0.0F; }
};

inline constexpr float kLog2OfE = 0x1.715476p0F;

/// losses[i] = log_sums[i] - (1 - s) logits[i, labels[i]] - s mean(logits[i]),
/// log_sums[i] = log(sum_c exp(logits[i, c])): both of one pass over the row, in which each thread
/// keeps the largest score and the sum of powers, which is scaled when that grows. kLanes threads
/// do a row, a block kRowThreads / kLanes rows; rows * classes elements are read once.
template <typename T, int kLanes>
struct CrossEntropyRows {
  static constexpr const char* kName = "softmax_cross_entropy";
  static constexpr int kThreads = kRowThreads;
  static constexpr int kRows = kThreads / kLanes;
  CrossEntropyInputs of;
  bool is_aligned;
  T* losses;
  float* log_sums;

  Grid grid() const { return {(of.rows + kRows - 1) / kRows, 1}; }
  size_t shared_bytes() const { return sizeof(SoftmaxSums) * (kThreads / 32); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    typename Block::template Private<SoftmaxSums, kThreads> sums;
    const auto row_of = [&](int t) { return block.x() * kRows + t / kLanes; };
    const T* const logits = static_cast<const T*>(of.logits);
    block.lanes([&](int t) {
      SoftmaxSums own{-std::numeric_limits<float>::infinity(), 0, 0};
      if (row_of(t) < of.rows)
        for_row<kLanes>(logits + row_of(t) * of.classes, of.classes, t % kLanes, is_aligned,
                        [&](int64_t, float x) { own = added(block, own, x); });
      sums[t] = own;
    });
    join_row<kLanes>(block, sums, block.template shared<SoftmaxSums>(),
                     [&](const SoftmaxSums& a, const SoftmaxSums& b) {
                       SoftmaxSums out{std::fmax(a.top, b.top), 0, a.total + b.total};
                       out.sum = moved(block, a, out.shift()) + moved(block, b, out.shift());
                       return out;
                     });
    block.lanes([&](int t) {
      if (t % kLanes != 0 || row_of(t) >= of.rows) return;
      const int64_t row = row_of(t);
      const int64_t label = of.labels[row];
      const float log = std::log(sums[t].sum);
      const float shift = sums[t].shift();
      float loss = 0;
      if (of.is_class(label)) {
        // The shift is taken off all, so that little is lost where all logits are large.
        const float at = to_float(logits[row * of.classes + label]) - shift;
        loss = log - at;
        if (of.smoothing != 0) {
          const float mean = sums[t].total / static_cast<float>(of.classes) - shift;
          loss = log - (1 - of.smoothing) * at - of.smoothing * mean;
        }
      }
      losses[row] = from_float<T>(loss);
      log_sums[row] = log + shift;
    });
  }

 private:
  template <typename Block>
  CNE_BODY static float moved(Block& block, const SoftmaxSums& from, float shift) {
    return from.sum == 0 ? 0.0F : from.sum * block.exp2((from.shift() - shift) * kLog2OfE);
  }
  template <typename Block>
  CNE_BODY static SoftmaxSums added(Block& block, const SoftmaxSums& to, float x) {
    SoftmaxSums out{std::fmax(to.top, x), to.sum, to.total + x};
    const float shift = out.shift();
    if (shift != to.shift()) out.sum = moved(block, to, shift);
    out.sum += block.exp2((x - shift) * kLog2OfE);
    return out;
  }
};

/// The derivative of both by logits, given those by losses and, unless null, by log_sums:
///
///   slopes[i, c] = (g + h) softmax(logits[i])[c] - g ((1 - s) [c = labels[i]] + s / classes)
///
/// Each element is read and written once. Blocks as those of CrossEntropyRows.
template <typename T, int kLanes>
struct CrossEntropyGradient {
  static constexpr const char* kName = "softmax_cross_entropy: derivative";
  static constexpr int kThreads = kRowThreads;
  static constexpr int kRows = kThreads / kLanes;
  CrossEntropyInputs of;
  bool is_aligned;
  const float* log_sums;
  const T* by_losses;
  const float* by_log_sums;
  T* slopes;

  Grid grid() const { return {(of.rows + kRows - 1) / kRows, 1}; }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    block.lanes([&](int t) {
      const int64_t row = block.x() * kRows + t / kLanes;
      if (row >= of.rows) return;
      const int64_t label = of.labels[row];
      const float g = of.is_class(label) ? to_float(by_losses[row]) : 0.0F;
      const float both = by_log_sums == nullptr ? g : g + by_log_sums[row];
      const float log_sum = log_sums[row];
      const float spread = g * of.smoothing / static_cast<float>(of.classes);
      const float at_label = g * (1 - of.smoothing);
      map_row<kLanes>(static_cast<const T*>(of.logits) + row * of.classes,
                      slopes + row * of.classes, of.classes, t % kLanes, is_aligned,
                      [&](int64_t i, float x) {
                        const float share = block.exp2((x - log_sum) * kLog2OfE);
                        return both * share - spread - (i == label ? at_label : 0.0F);
                      });
    });
  }
};

/// Losses of the type of the logits and log_sums of float32, in the memory of the device, of
/// float32, float16 or bfloat16. Throws TypeError for another type, ArgumentError for a smoothing
/// beyond 0 to 1.
void device_cross_entropy(Device device, Element element, const CrossEntropyInputs& inputs,
                          void* losses, float* log_sums);
/// Their derivative; `by_log_sums` may be null.
void device_cross_entropy_gradient(Device device, Element element, const CrossEntropyInputs& inputs,
                                   const float* log_sums, const void* by_losses,
                                   const float* by_log_sums, void* slopes);

}  // namespace cne::tensor
