#pragma once

#include <cstdint>

#include "tensor/blas.h"
#include "tensor/cuda_device.h"
#include "tensor/element.h"

namespace cne::tensor {

/// Products of matrices on a CUDA device, as many as `batch`, `step`s of elements apart:
///
///   out = a b (+ bias in every row)      a (m, k), b (k, n), out (m, n), bias (n,)
///
/// a and b lie row by row, or column by column where `is_transposed`; out row by row without gaps.
struct CudaGemm {
  struct Side {
    const uint8_t* address = nullptr;
    BlasLayout layout;
    int64_t step = 0;
  };
  Element element = Element::kFloat32;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  Side a;
  Side b;
  uint8_t* out = nullptr;
  int64_t out_step = 0;
  int64_t batch = 1;
  const uint8_t* bias = nullptr;
};

/// The type that products of a type have: int32 of int8, their own of others.
Element gemm_result(Element element);

/// Whether there is a library (cublas_lt) which multiplies numbers of a type: floats (float16 and
/// bfloat16 are added up in float32), complex numbers, int8.
bool has_cuda_gemm(Element element);

/// Of int8 the library takes only rows of a and columns of b without gaps, and n, k, strides and
/// addresses that are multiples of 4; k is bounded, so that no sum overflows.
bool takes_int8(const CudaGemm& gemm);

/// Asks for the products in the order of the device's stream. False where the library has none for
/// them, and then nothing has been asked for. Throws DeviceError with the library's word for what
/// is wrong and the shapes. How the library does it is looked up once for each kind of product.
bool run_gemm(CudaDevice& on, const CudaGemm& gemm);

/// Lets float32 and complex64 be rounded to 10 bits behind the point (TF32) before they are
/// multiplied, which is several times as fast; off at first. Gives what it was. Of the process.
bool set_tf32(bool is_on);

}  // namespace cne::tensor
