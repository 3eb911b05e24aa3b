#include "tensor/concat.h"
#include "tensor/control.h"
#include "tensor/conv.h"
#include "tensor/cumulative.h"
#include "tensor/dynamic_slice.h"
#include "tensor/elementwise.h"
#include "tensor/fft.h"
#include "tensor/gather.h"
#include "tensor/linear_recurrence.h"
#include "tensor/matmul.h"
#include "tensor/pad.h"
#include "tensor/primitive.h"
#include "tensor/random.h"
#include "tensor/reduce.h"
#include "tensor/scatter.h"
#include "tensor/search_sorted.h"
#include "tensor/select.h"
#include "tensor/sort.h"
#include "tensor/stop_gradient.h"
#include "tensor/top_k.h"
#include "tensor/view.h"

namespace cne::tensor {

std::span<const Primitive* const> primitives() {
  static constexpr const Primitive* kAll[] = {
      &kArgsort,
      &kBroadcast,
      &kCast,
      &kCheckpoint,
      &kConcat,
      &kCond,
      &kConv,
      &kConvInputGradient,
      &kConvWeightGradient,
      &kCumulative,
      &kCustom,
      &kDynamicSlice,
      &kDynamicUpdateSlice,
      &kElementwise,
      &kFft,
      &kGather,
      &kLinearRecurrence,
      &kMatmul,
      &kPad,
      &kPermute,
      &kRandom,
      &kRandomFoldIn,
      &kReduce,
      &kReshape,
      &kScan,
      &kScatter,
      &kSearchSorted,
      &kSelect,
      &kSlice,
      &kSort,
      &kStopGradient,
      &kTopK,
      &kUpdateSlice,
      &kWhile,
  };
  return kAll;
}

}  // namespace cne::tensor
