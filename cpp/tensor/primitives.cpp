#include "tensor/adjugate.h"
#include "tensor/attention.h"
#include "tensor/cholesky.h"
#include "tensor/composite.h"
#include "tensor/concat.h"
#include "tensor/control.h"
#include "tensor/conv.h"
#include "tensor/cumulative.h"
#include "tensor/determinant.h"
#include "tensor/dynamic_slice.h"
#include "tensor/eig.h"
#include "tensor/eigh.h"
#include "tensor/elementwise.h"
#include "tensor/fft.h"
#include "tensor/gather.h"
#include "tensor/linear_recurrence.h"
#include "tensor/lu.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/primitive.h"
#include "tensor/qr.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/scatter.h"
#include "tensor/search_sorted.h"
#include "tensor/select.h"
#include "tensor/softmax_cross_entropy.h"
#include "tensor/solve.h"
#include "tensor/sort.h"
#include "tensor/stop_gradient.h"
#include "tensor/svd.h"
#include "tensor/top_k.h"
#include "tensor/transfer.h"
#include "tensor/triangular_solve.h"
#include "tensor/view.h"

namespace cne::tensor {

std::span<const Primitive* const> primitives() {
  static constexpr const Primitive* kAll[] = {
      &kAdjugate,
      &kAdjugateChange,
      &kArgsort,
      &kAttention,
      &kAttentionGradient,
      &kBroadcast,
      &kCast,
      &kCheckpoint,
      &kCholesky,
      &kComposite,
      &kConcat,
      &kCond,
      &kConv,
      &kConvInputGradient,
      &kConvWeightGradient,
      &kCumulative,
      &kCustom,
      &kDeterminant,
      &kDynamicSlice,
      &kDynamicUpdateSlice,
      &kEig,
      &kEigh,
      &kElementwise,
      &kFft,
      &kGather,
      &kLinearRecurrence,
      &kLogDeterminant,
      &kLu,
      &kMatmul,
      &kPad,
      &kPermute,
      &kQr,
      &kRandom,
      &kRandomFoldIn,
      &kReduce,
      &kReshape,
      &kScan,
      &kScatter,
      &kSearchSorted,
      &kSelect,
      &kSlice,
      &kSolve,
      &kSoftmaxCrossEntropy,
      &kSort,
      &kStopGradient,
      &kSvd,
      &kToDevice,
      &kTopK,
      &kTriangularSolve,
      &kUpdateSlice,
      &kWhile,
  };
  return kAll;
}

}  // namespace cne::tensor
