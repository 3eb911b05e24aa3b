#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// What a discrete Fourier transform along one axis takes and gives.
///
///   kForward   y[k] = scale * sum of x[j] exp(-2 pi i j k / n)    complex to complex
///   kBackward  y[k] = scale * sum of x[j] exp(+2 pi i j k / n)    complex to complex
///   kToHalf    kForward of real numbers: the first n / 2 + 1 results, of which the others are
///              conjugates
///   kFromHalf  kBackward of such a half, to n real numbers; the imaginary parts of the first, and
///              with an even n of the last one, count as 0
enum class FftKind : uint8_t { kForward, kBackward, kToHalf, kFromHalf };

struct FftParams {
  FftKind kind;
  int64_t axis;    // from 0
  int64_t length;  // n
  double scale;
  auto fields() const { return std::tie(kind, axis, length, scale); }
};

/// Any length: products of 2, 3, 4, 5, 7, 11 and 13 by Stockham's algorithm, long ones as a matrix
/// of two lengths, others by Bluestein's convolution. Errors grow with log(n). Does not depend on
/// the number of threads. Throws TypeError for other types than float32, float64, complex64 and
/// complex128 as the kind takes them, ShapeError where the axis has not the extent that the length
/// says, or the length is below 1.
Array fft(const FftParams& params, const Array& x);

/// The type that it gives; throws as it does.
Type fft_type(const FftParams& params, const Type& x);

/// As a primitive, also of values inside transformations.
Value fft(const FftParams& params, const Value& x);

extern const Primitive kFft;

}  // namespace cne::tensor
