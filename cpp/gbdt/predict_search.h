#pragma once

#include <cstdint>

namespace cne::gbdt {

/// Values that are searched together, at most; memory for so many must be there.
inline constexpr int kSearchValues = 128;

/// How many of 255 bounds (ascending, then infinity) lie below each of values[0, count); 0 for NaN.
void find_codes(const float* bounds, const float* values, int count, uint8_t* out);
void find_codes(const double* bounds, const double* values, int count, uint8_t* out);

/// The first of these on any processor, for tests.
void find_codes_plain(const float* bounds, const float* values, int count, uint8_t* out);

}  // namespace cne::gbdt
