#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/device_queue.h"
#include "core/kernel.h"

namespace cne::tensor {

/// A parameter with its derivative and its state, float32, in the memory of one device.
struct AdamWTensor {
  float* param;
  const float* gradient;
  float* mean;
  float* square;
  int64_t size;
  float keep;  // 1 - rate * weight_decay
};

/// What is the same for all parameters in a step.
struct AdamWRates {
  float first;   // 1 - beta1
  float beta2;   // of the squares
  float second;  // 1 - beta2
  float rate;    // rate / (1 - beta1^step)
  float spread;  // 1 / sqrt(1 - beta2^step)
  float eps;
};

/// A part of a parameter that one block does.
struct AdamWPiece {
  int64_t tensor;
  int64_t begin;
};

/// A step of AdamW over all parameters, whatever their number and sizes, in one launch:
///
///   p = p keep - rate m / (spread sqrt(v) + eps),  m += first (g - m),  v = beta2 v + second g^2
///
/// Block x does piece x: 16 bytes are read and 12 written of each element, once. Elements are
/// computed in the order of nn.AdamW. Loshchilov and Hutter 2019, arXiv:1711.05101.
struct AdamWStep {
  static constexpr const char* kName = "adamw";
  static constexpr int kThreads = 256;
  static constexpr int64_t kPiece = 16 * kThreads;
  const AdamWTensor* tensors;
  const AdamWPiece* pieces;
  AdamWRates rates;

  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const AdamWPiece piece = pieces[block.x()];
    const AdamWTensor of = tensors[piece.tensor];
    const int64_t end = piece.begin + kPiece < of.size ? piece.begin + kPiece : of.size;
    block.each([&](int t) {
      for (int64_t i = piece.begin + t; i < end; i += kThreads) element(of, i);
    });
  }

 private:
  CNE_BODY void element(const AdamWTensor& of, int64_t i) const {
    const float g = of.gradient[i];
    const float m = of.mean[i] + (g - of.mean[i]) * rates.first;
    const float v = of.square[i] * rates.beta2 + g * g * rates.second;
    of.mean[i] = m;
    of.square[i] = v;
    of.param[i] =
        of.param[i] * of.keep - m / (std::sqrt(v) * rates.spread + rates.eps) * rates.rate;
  }
};

/// The parameters of a model on a device, for steps of all of them.
class DeviceAdamW {
 public:
  /// Throws ArgumentError for a negative size. Parameters are not owned.
  DeviceAdamW(const DeviceQueue& queue, std::span<const AdamWTensor> tensors);
  void step(const DeviceQueue& queue, const AdamWRates& rates) const;
  int64_t pieces() const { return count_; }

 private:
  DeviceArray<AdamWTensor> tensors_;
  DeviceArray<AdamWPiece> pieces_;
  int64_t count_ = 0;
};

}  // namespace cne::tensor
