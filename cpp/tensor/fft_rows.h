#pragma once

#include <complex>
#include <cstdint>

namespace cne::tensor {

/// Many transforms of complex numbers: of `outer` * `inner` lines of `length` numbers each, which
/// lie `inner` apart, as an axis between others does. The output has the same layout.
struct FftLines {
  int64_t outer;
  int64_t length;  // smooth, see fft_plan.h
  int64_t inner;
};

/// out = scale times the transform of in, forward or backward; they do not overlap. On several
/// threads; the result does not depend on them.
void transform_lines(const FftLines& lines, bool is_backward, float scale,
                     const std::complex<float>* in, std::complex<float>* out);
void transform_lines(const FftLines& lines, bool is_backward, double scale,
                     const std::complex<double>* in, std::complex<double>* out);

}  // namespace cne::tensor
