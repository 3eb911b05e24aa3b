#include "tensor/cuda_host.h"

#include "tensor/adjugate.h"
#include "tensor/cholesky.h"
#include "tensor/determinant.h"
#include "tensor/eig.h"
#include "tensor/eigh.h"
#include "tensor/fft.h"
#include "tensor/lu.h"
#include "tensor/qr.h"
#include "tensor/solve.h"
#include "tensor/svd.h"
#include "tensor/triangular_solve.h"

namespace cne::tensor {

bool is_by_host(const Primitive& primitive) {
  for (const Primitive* each :
       {&kAdjugate, &kAdjugateChange, &kCholesky, &kDeterminant, &kEig, &kEigh, &kFft,
        &kLogDeterminant, &kLu, &kQr, &kSolve, &kSvd, &kTriangularSolve})
    if (each == &primitive) return true;
  return false;
}

std::vector<Array> run_by_host(const Primitive& primitive, const Params& params,
                               std::span<const Array> inputs, Device device) {
  std::vector<Array> here;
  for (const Array& each : inputs) here.push_back(to_device(each, {}));
  std::vector<Array> out;
  for (const Array& each : primitive.run(params, here)) out.push_back(to_device(each, device));
  return out;
}

}  // namespace cne::tensor
