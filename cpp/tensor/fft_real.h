#pragma once

#include <complex>
#include <cstdint>

namespace cne::tensor {

// Between half a spectrum of n real numbers (n / 2 + 1 elements a row) and what is transformed for
// it, row by row.

/// Of the transform of n / 2 pairs x[2 j] + i x[2 j + 1], z[k] = E[k] + i O[k] with the transforms
/// of both: y[k] = E[k] + exp(-2 pi i k / n) O[k].
void unpack_half(int64_t n, int64_t rows, const std::complex<float>* z, std::complex<float>* y);
void unpack_half(int64_t n, int64_t rows, const std::complex<double>* z, std::complex<double>* y);

/// The other way, times 2: what gives n times the numbers in pairs when it is transformed backward
/// without a scale.
void pack_half(int64_t n, int64_t rows, const std::complex<float>* y, std::complex<float>* z);
void pack_half(int64_t n, int64_t rows, const std::complex<double>* y, std::complex<double>* z);

/// The whole spectrum of an odd n.
void complete_half(int64_t n, int64_t rows, const std::complex<float>* y, std::complex<float>* z);
void complete_half(int64_t n, int64_t rows, const std::complex<double>* y, std::complex<double>* z);

}  // namespace cne::tensor
