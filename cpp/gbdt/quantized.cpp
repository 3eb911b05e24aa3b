#include "gbdt/quantized.h"

#include "core/hash.h"
#include "core/parallel.h"
#include "core/simd.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void round_at_random(const Gradient* exact, int64_t n, int gradient_shift,
                                      int hessian_shift, uint64_t key, Gradient* out) {
  const int64_t gradient_mask = (int64_t{1} << gradient_shift) - 1;
  const int64_t hessian_mask = (int64_t{1} << hessian_shift) - 1;
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t random = hash_u64(key + static_cast<uint64_t>(i));
    const int64_t g = exact[i].gradient + static_cast<int64_t>(random & gradient_mask);
    const int64_t h = exact[i].hessian + static_cast<int64_t>((random >> 32) & hessian_mask);
    out[i].gradient = static_cast<int32_t>(g >> gradient_shift);
    out[i].hessian = static_cast<int32_t>(h >> hessian_shift);
  }
}

}  // namespace kernels

GradientUnits quantize(const std::vector<Gradient>& exact, GradientUnits units, GradientBits bits,
                       uint64_t key, std::vector<Gradient>& out) {
  constexpr int kExactBits = 30;
  const int gradient_shift = kExactBits - gradient_bits(bits);
  const int hessian_shift = kExactBits - hessian_bits(bits);
  out.resize(exact.size());
  parallel_for(static_cast<int64_t>(exact.size()), kRowGrain, [&](int64_t begin, int64_t end) {
    kernels::round_at_random(exact.data() + begin, end - begin, gradient_shift, hessian_shift,
                             key + static_cast<uint64_t>(begin), out.data() + begin);
  });
  return {units.gradient * static_cast<double>(int64_t{1} << gradient_shift),
          units.hessian * static_cast<double>(int64_t{1} << hessian_shift)};
}

}  // namespace cne::gbdt
