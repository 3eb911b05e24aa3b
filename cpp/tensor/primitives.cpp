#include "tensor/concat.h"
#include "tensor/control.h"
#include "tensor/conv.h"
#include "tensor/elementwise.h"
#include "tensor/fft.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/primitive.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/select.h"
#include "tensor/stop_gradient.h"
#include "tensor/view.h"

namespace cne::tensor {

std::span<const Primitive* const> primitives() {
  static constexpr const Primitive* kAll[] = {
      &kBroadcast,
      &kCast,
      &kCheckpoint,
      &kConcat,
      &kCond,
      &kConv,
      &kConvInputGradient,
      &kConvWeightGradient,
      &kCustom,
      &kElementwise,
      &kFft,
      &kMatmul,
      &kPad,
      &kPermute,
      &kRandom,
      &kRandomFoldIn,
      &kReduce,
      &kReshape,
      &kScan,
      &kSelect,
      &kSlice,
      &kStopGradient,
      &kWhile,
  };
  return kAll;
}

}  // namespace cne::tensor
