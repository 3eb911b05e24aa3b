#pragma once

#include "tensor/fft_plan.h"

namespace cne::tensor {

/// Transforms that are computed side by side, in the lanes of one vector of 64 bytes.
template <typename T>
inline constexpr int kFftLanes = 64 / sizeof(T);

template <typename T>
struct FftVector {
  typedef T Type __attribute__((vector_size(64)));
};
/// The same element of all lanes, of memory that is aligned to 64 bytes.
template <typename T>
using FftLanes = typename FftVector<T>::Type;

/// Elements of all lanes: `length` vectors of real parts and as many of imaginary ones.
template <typename T>
struct FftBlock {
  FftLanes<T>* re;
  FftLanes<T>* im;
};

/// y[k] = sum of x[j] exp(-2 pi i j k / length) in every lane. Both blocks are written to; the
/// result is in the one that is returned.
FftBlock<float> transform_lanes(const FftPlan<float>& plan, FftBlock<float> x, FftBlock<float> y);
FftBlock<double> transform_lanes(const FftPlan<double>& plan, FftBlock<double> x,
                                 FftBlock<double> y);

}  // namespace cne::tensor
