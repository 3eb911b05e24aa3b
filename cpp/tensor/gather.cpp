#include "tensor/gather.h"

#include <algorithm>

#include "tensor/copy_run.h"
#include "tensor/cuda_gather.h"
#include "tensor/cuda_run.h"
#include "tensor/index_places.h"
#include "tensor/nest.h"
#include "tensor/pieces.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

/// Elements that one thread takes at a time.
constexpr int64_t kGrain = 16 * 1024;
/// So many rows ahead memory is asked for.
constexpr int64_t kAhead = 4;

/// Rows of fewer elements are copied without a call.
constexpr int64_t kShortRow = 16;

constexpr int kOperand = 0;
constexpr int kIndices = 1;
constexpr int kResult = 2;
using Places3 = Nest<3>::Places;

/// What is read for each index: elements along the innermost axis, if the indices do not run along
/// it.
struct Window {
  int64_t count = 1;
  int64_t stride = 1;
};

struct Work {
  Nest<3> nest;
  Window window;
  int64_t step;
  bool may_skip;
};

template <typename T, typename Index>
void gather_elements(const Work& work, const T* from, const Index* numbers, T* to, int64_t count,
                     const Places3& apart) {
  const auto [from_apart, index_apart, to_apart] = apart;
  const int64_t step = work.step;
  if (from_apart == 0 && index_apart == 1 && to_apart == 1)
    for (int64_t i = 0; i < count; ++i) to[i] = from[numbers[i] * step];
  else
    for (int64_t i = 0; i < count; ++i)
      to[i * to_apart] = from[i * from_apart + numbers[i * index_apart] * step];
}

template <typename T, typename Index>
void gather_rows(const Work& work, const T* from, const Index* numbers, T* to, int64_t count,
                 const Places3& apart) {
  const auto [from_apart, index_apart, to_apart] = apart;
  const auto row = [&](int64_t i) {
    return from + i * from_apart + numbers[i * index_apart] * work.step;
  };
  for (int64_t i = 0; i < count; ++i) {
    T* target = to + i * to_apart;
    if (work.may_skip && numbers[i * index_apart] == Places::kNowhere) {
      std::fill_n(target, work.window.count, T{});
      continue;
    }
    if (!work.may_skip && i + kAhead < count) __builtin_prefetch(row(i + kAhead));
    if (work.window.count < kShortRow)
      for (int64_t j = 0; j < work.window.count; ++j) target[j] = row(i)[j * work.window.stride];
    else
      copy_run(row(i), work.window.stride, target, 1, work.window.count);
  }
}

template <typename T, typename Index>
void gather_all(const Work& work, const T* from, const Index* numbers, T* to) {
  const Places3 apart = work.nest.rank() == 0 ? Places3{} : work.nest.strides_of(work.nest.inner());
  const bool single = work.window.count == 1 && !work.may_skip;
  const int64_t grain = std::max<int64_t>(kGrain / work.window.count, 1);
  in_pieces(work.nest.size(), grain, [&](int64_t begin, int64_t end) {
    work.nest.walk(begin, end, [&](const Places3& at, int64_t count) {
      (single ? gather_elements<T, Index> : gather_rows<T, Index>)(work, from + at[kOperand],
                                                                   numbers + at[kIndices],
                                                                   to + at[kResult], count, apart);
    });
  });
}

}  // namespace

Type gather_type(const Type& operand, std::span<const Type> indices, const IndexAxes& axes) {
  const Dims shape = indexed_shape(operand.shape, indices, axes, "gather");
  check_shape(shape, operand.element, "gather");
  return {operand.element, shape, operand.device};
}

Array gather(const Array& operand, std::span<const Array> indices, const IndexAxes& axes,
             IndexMode mode) {
  const Type type = gather_type(operand.type(), types_of(indices), axes);
  if (is_on_device(operand) || is_on_device(indices)) {
    std::vector<Array> all(indices.begin(), indices.end());
    all.push_back(operand);
    return gather_on_cuda(to_device(operand, common_device("gather", all)), indices, axes, mode);
  }
  const Places places = places_of(operand, indices, axes.indexed, mode, "gather");
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  Work work{{}, {}, places.step, places.may_skip};
  for (int axis = 0; axis < out.rank(); ++axis) {
    const auto from = static_cast<int>(axes.operand[axis]);
    const auto index = static_cast<int>(axes.indices[axis]);
    work.nest.add(type.shape[axis],
                  {from < 0 ? 0 : operand.strides()[from],
                   index < 0 ? 0 : places.numbers.strides()[index], out.strides()[axis]});
  }
  const int inner = work.nest.inner();
  if (inner >= 0 && work.nest.strides[kIndices][inner] == 0 &&
      work.nest.strides[kResult][inner] == 1) {
    work.window = {work.nest.shape[inner], work.nest.strides[kOperand][inner]};
    work.nest.erase(inner);
  }
  with_width(size_of(operand.element()), [&](auto element) {
    using T = decltype(element);
    const T* from = operand.as<T>();
    T* to = out.mutable_as<T>();
    if (places.numbers.element() == Element::kInt32)
      gather_all(work, from, places.numbers.as<int32_t>(), to);
    else
      gather_all(work, from, places.numbers.as<int64_t>(), to);
  });
  return out;
}

}  // namespace cne::tensor
