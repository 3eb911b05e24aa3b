#include "gbdt/row_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "core/parallel.h"
#include "gbdt/objective_math.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace {

constexpr double kMost = 1 << 30;
constexpr int kBuckets = 1 << 15;  // by sign (0), exponent and 7 bits of a float

uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

struct Bucket {
  int64_t count = 0;
  double sum = 0;
};

/// Counts and sums of `keys` by their leading bits, in a fixed order.
std::vector<Bucket> buckets_of(const std::vector<float>& keys) {
  const auto n = static_cast<int64_t>(keys.size());
  const int64_t grain = std::max<int64_t>(65536, (n + 15) / 16);
  std::vector<std::vector<Bucket>> parts(static_cast<size_t>((n + grain - 1) / grain));
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    std::vector<Bucket>& part = parts[begin / grain];
    part.resize(kBuckets);
    for (int64_t i = begin; i < end; ++i) {
      Bucket& bucket = part[bits_of(keys[i]) >> 16];
      ++bucket.count;
      bucket.sum += static_cast<double>(keys[i]);
    }
  });
  std::vector<Bucket> out(kBuckets);
  for (const std::vector<Bucket>& part : parts) {
    for (int b = 0; b < kBuckets; ++b) {
      out[b].count += part[b].count;
      out[b].sum += part[b].sum;
    }
  }
  return out;
}

}  // namespace

GradientUnits reweigh(const std::vector<int32_t>& rows, const std::vector<float>& weights,
                      GradientUnits units, std::vector<Gradient>& gradients) {
  struct Most {
    double gradient = 0;
    double hessian = 0;
  };
  const auto n = static_cast<int64_t>(rows.size());
  const Most most = fold_rows(
      n, Most{},
      [&](int64_t begin, int64_t end) {
        Most part;
        for (int64_t i = begin; i < end; ++i) {
          const auto w = static_cast<double>(weights[rows[i]]);
          part.gradient = std::max(part.gradient, std::abs(w * gradients[rows[i]].gradient));
          part.hessian = std::max(part.hessian, w * gradients[rows[i]].hessian);
        }
        return part;
      },
      [](const Most& a, const Most& b) {
        return Most{std::max(a.gradient, b.gradient), std::max(a.hessian, b.hessian)};
      });
  double gradient_scale = 1;
  double hessian_scale = 1;
  while (most.gradient * gradient_scale > kMost) gradient_scale /= 2;
  while (most.hessian * hessian_scale > kMost) hessian_scale /= 2;
  parallel_for(n, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Gradient& g = gradients[rows[i]];
      const auto w = static_cast<double>(weights[rows[i]]);
      g.gradient = round_fixed(w * g.gradient * gradient_scale);
      g.hessian = round_fixed(w * g.hessian * hessian_scale);
    }
  });
  return {units.gradient / gradient_scale, units.hessian / hessian_scale};
}

float kth_largest(const std::vector<float>& keys, int64_t k) {
  const std::vector<Bucket> buckets = buckets_of(keys);
  int at = kBuckets - 1;
  while (k > buckets[at].count) k -= buckets[at--].count;
  std::vector<float> inside;  // those that share the bucket of the k-th
  for (const float key : keys)
    if (static_cast<int>(bits_of(key) >> 16) == at) inside.push_back(key);
  std::nth_element(inside.begin(), inside.begin() + (k - 1), inside.end(), std::greater<>());
  return inside[static_cast<size_t>(k - 1)];
}

double mvs_threshold(const std::vector<float>& keys, double wanted) {
  const std::vector<Bucket> buckets = buckets_of(keys);
  double below = 0;
  for (const Bucket& bucket : buckets) below += bucket.sum;
  double above = 0;  // rows that are taken for certain
  for (int b = kBuckets - 1; b >= 0; --b) {
    if (buckets[b].count == 0) continue;
    if (wanted <= above) return 0;
    const double mu = below / (wanted - above);
    const uint32_t low_bits = static_cast<uint32_t>(b) << 16;
    float low;
    std::memcpy(&low, &low_bits, sizeof low);
    if (mu >= static_cast<double>(low)) return mu;
    above += static_cast<double>(buckets[b].count);
    below -= buckets[b].sum;
  }
  return 0;
}

}  // namespace cne::gbdt
