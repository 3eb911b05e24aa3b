#include "gbdt/bin_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/simd.h"

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void find_bins32(const float* bounds, const float* values, int count,
                                  uint8_t missing, uint8_t* out) {
  int32_t at[kSearchRows];
  for (int i = 0; i < count; ++i) at[i] = 0;
  for (int half = 128; half >= 1; half /= 2)
    for (int i = 0; i < count; ++i) at[i] += bounds[at[i] + half - 1] < values[i] ? half : 0;
  for (int i = 0; i < count; ++i)
    out[i] = values[i] != values[i] ? missing : static_cast<uint8_t>(at[i]);
}

CNE_MULTIVERSION void find_bins64(const double* bounds, const double* values, int count,
                                  uint8_t missing, uint8_t* out) {
  int64_t at[kSearchRows];
  for (int i = 0; i < count; ++i) at[i] = 0;
  for (int half = 128; half >= 1; half /= 2)
    for (int i = 0; i < count; ++i) at[i] += bounds[at[i] + half - 1] < values[i] ? half : 0;
  for (int i = 0; i < count; ++i)
    out[i] = values[i] != values[i] ? missing : static_cast<uint8_t>(at[i]);
}

}  // namespace kernels

namespace {

/// What is not the category that the search ended at has no bin.
template <typename T>
void keep_equal(const double* categories, const T* values, int count, uint8_t missing,
                uint8_t* out) {
  for (int i = 0; i < count; ++i)
    if (categories[out[i]] != static_cast<double>(values[i])) out[i] = missing;
}

/// The largest float32 that is not above `bound`: x <= bound says the same of every float32 x.
float round_down(double bound) {
  const auto near = static_cast<float>(bound);
  return static_cast<double>(near) <= bound
             ? near
             : std::nextafter(near, -std::numeric_limits<float>::infinity());
}

}  // namespace

BinSearch::BinSearch(const FeatureBins& bins)
    : missing_(static_cast<uint8_t>(bins.missing_bin())), categorical_(bins.categorical) {
  bounds_.fill(std::numeric_limits<double>::infinity());
  std::copy(bins.bounds.begin(), bins.bounds.end(), bounds_.begin());
  std::transform(bounds_.begin(), bounds_.end(), bounds32_.begin(), round_down);
}

void BinSearch::find(const float* values, int count, uint8_t* out) const {
  kernels::find_bins32(bounds32_.data(), values, count, missing_, out);
  if (categorical_) keep_equal(bounds_.data(), values, count, missing_, out);
}

void BinSearch::find(const double* values, int count, uint8_t* out) const {
  kernels::find_bins64(bounds_.data(), values, count, missing_, out);
  if (categorical_) keep_equal(bounds_.data(), values, count, missing_, out);
}

}  // namespace cne::gbdt
