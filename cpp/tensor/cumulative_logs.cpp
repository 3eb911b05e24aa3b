#include <algorithm>
#include <limits>

#include "core/simd.h"
#include "tensor/cumulative_tile.h"
#include "tensor/exp_math.h"
#include "tensor/lane_scan.h"
#include "tensor/log_math.h"
#include "tensor/power_math.h"

namespace cne::tensor {

namespace {

/// Elements that are put together relative to the largest of them.
constexpr int64_t kBlock = 128;
/// How far below it what comes first may be: beyond, digits are lost.
constexpr double kNear = 16;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One by one: numbers of any size, infinite and none.
[[gnu::always_inline]] inline double in_order(double* values, int64_t n, int64_t step,
                                              const double* carried) {
  double sum = carried == nullptr ? values[0] : any_log_add_exp(*carried, values[0]);
  values[0] = sum;
  for (int64_t i = 1; i < n; ++i) values[i * step] = sum = any_log_add_exp(sum, values[i * step]);
  return sum;
}

/// out[i] = top + log(sum of exp(x - top)), whose sums are above exp(-kNear).
[[gnu::always_inline]] inline double by_sums(double* values, int64_t n, bool reverse, double top,
                                             const double* carried) {
  double sum = carried == nullptr ? 0 : any_exp(*carried - top);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) values[i] = any_exp(values[i] - top);
  const int64_t done = reverse
                           ? scan_vectors<double, true>(values, n, &sum, true, nullptr, Plus())
                           : scan_vectors<double, false>(values, n, &sum, true, nullptr, Plus());
  double* const first = reverse ? values + n - 1 - done : values + done;
  const int64_t step = reverse ? -1 : 1;
  for (int64_t i = 0; i < n - done; ++i) first[i * step] = sum += first[i * step];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) values[i] = top + any_log(values[i]);
  return values[reverse ? 0 : n - 1];
}

[[gnu::always_inline]] inline double block(double* values, int64_t n, bool reverse,
                                           const double* carried) {
  double top = carried == nullptr ? -kInfinity : *carried;
  const double first = std::max(top, reverse ? values[n - 1] : values[0]);
  bool is_number = true;
  for (int64_t i = 0; i < n; ++i) {
    is_number &= values[i] < kInfinity;  // also of -infinity
    top = values[i] > top ? values[i] : top;
  }
  if (is_number && first >= top - kNear && top < kInfinity && top > -kInfinity)
    return by_sums(values, n, reverse, top, carried);
  return in_order(reverse ? values + n - 1 : values, n, reverse ? -1 : 1, carried);
}

CNE_MULTIVERSION double in_blocks(double* values, int64_t n, bool reverse, const double* carried) {
  double last = carried == nullptr ? 0 : *carried;
  for (int64_t done = 0; done < n; done += kBlock) {
    const int64_t count = std::min(kBlock, n - done);
    double* const at = reverse ? values + n - done - count : values + done;
    last = block(at, count, reverse, done == 0 ? carried : &last);
  }
  return last;
}

}  // namespace

void cumulate_logs(double* values, int64_t n, const CumulativeTile& tile) {
  const double last = in_blocks(values, n, tile.reverse, static_cast<const double*>(tile.carried));
  *static_cast<double*>(tile.total) = last;
  if (tile.before != nullptr)
    put_before_tile(CumulativeOp::kLogAddExp, Element::kFloat64, tile.before, values, n);
}

}  // namespace cne::tensor
