#include "tensor/attention_block.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/simd.h"
#include "tensor/elementwise.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce_tile.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Elements of a block's scores: two such stay in the second cache.
constexpr int64_t kScores = 64 << 10;
/// Queries of a block at least and at most; of a causal one, whose queries see fewer keys in fewer.
constexpr int64_t kFewest = 14;
constexpr int64_t kMost = 128;
constexpr int64_t kMostCausal = 64;

template <typename T>
constexpr Element kElement = sizeof(T) == 8 ? Element::kFloat64 : Element::kFloat32;

template <typename T>
CNE_MULTIVERSION void hide(const uint8_t* allowed, int64_t count, T* row) {
  for (int64_t i = 0; i < count; ++i)
    row[i] = allowed[i] != 0 ? row[i] : -std::numeric_limits<T>::infinity();
}

template <typename T>
CNE_MULTIVERSION void scale_row(const T* from, T factor, int64_t count, T* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = from[i] * factor;
}

/// Applies an operation with a number, or with other values, tile by tile.
template <typename T>
void in_tiles(ElementOp op, T* values, const T* others, Sides sides, int64_t count) {
  for (int64_t at = 0; at < count; at += kTile) {
    const void* const in[] = {values + at, sides == Sides::kArrays ? others + at : others};
    run_tile(op, kElement<T>, in, sides, values + at, std::min(kTile, count - at));
  }
}

/// As gemm reads it.
Array readable(const Array& array) {
  const Dims& strides = array.strides();
  const MatrixView matrix{array.data(), array.shape()[2], array.shape()[3], strides[2], strides[3]};
  return is_readable(array.element(), matrix) ? array : copy(array);
}

}  // namespace

Array by_rows(Type type, Array make(const Type&)) {
  std::swap(type.shape[1], type.shape[2]);
  return permute(make(type), {0, 2, 1, 3});
}

template <typename T>
AttentionHeads<T>::AttentionHeads(std::span<const Array> inputs, const AttentionParams& params)
    : batch(inputs[0].shape()[0]),
      heads(inputs[0].shape()[1]),
      groups(inputs[1].shape()[1]),
      queries(inputs[0].shape()[2]),
      keys(inputs[1].shape()[2]),
      depth(inputs[0].shape()[3]),
      width(inputs[2].shape()[3]),
      block(std::clamp(kScores / std::max<int64_t>(keys, 1), kFewest,
                       params.is_causal ? kMostCausal : kMost)),
      key_(readable(inputs[1])),
      value_(readable(inputs[2])),
      is_causal_(params.is_causal) {
  if (inputs.size() > 3 && inputs[3].element() == Element::kBool)
    mask_.emplace(inputs[3], Dims{batch, heads, queries, keys});
}

template <typename T>
int64_t AttentionHeads<T>::seen_keys(int64_t end) const {
  return is_causal_ ? std::clamp<int64_t>(end + keys - queries, 0, keys) : keys;
}

template <typename T>
MatrixView AttentionHeads<T>::matrix(const Array& array, int64_t at, int64_t head) const {
  const Dims& strides = array.strides();
  const int64_t offset = at * strides[0] + head / (heads / groups) * strides[1];
  return {array.data() + offset * static_cast<int64_t>(sizeof(T)), array.shape()[2],
          array.shape()[3], strides[2], strides[3]};
}

template <typename T>
void AttentionHeads<T>::read_rows(const Array& array, int64_t at, int64_t head, int64_t begin,
                                  int64_t end, T factor, T* to) const {
  const Dims& strides = array.strides();
  const int64_t columns = array.shape()[3];
  for (int64_t row = begin; row < end; ++row, to += columns) {
    const T* const from = array.as<T>() + at * strides[0] + head * strides[1] + row * strides[2];
    if (strides[3] == 1)
      scale_row(from, factor, columns, to);
    else
      for (int64_t i = 0; i < columns; ++i) to[i] = from[i * strides[3]] * factor;
  }
}

template <typename T>
void AttentionHeads<T>::scores(int64_t at, int64_t head, int64_t begin, int64_t end, int64_t count,
                               const T* scaled_queries, T* to) const {
  if (count == 0) return;
  const MatrixView q{reinterpret_cast<const uint8_t*>(scaled_queries), end - begin, depth, depth,
                     1};
  const MatrixView k = block_of(key_of(at, head), sizeof(T), 0, 0, count, depth);
  if (depth == 0)
    std::fill(to, to + (end - begin) * count, T(0));
  else
    gemm(kElement<T>, q, transposed(k), false, reinterpret_cast<uint8_t*>(to), count);
  for (int64_t row = begin; row < end; ++row, to += count) {
    const int64_t first = ((at * heads + head) * queries + row) * keys;
    for (int64_t i = 0; mask_ && i < count; i += kTile) {
      uint8_t scratch[kTile];
      const int64_t n = std::min(kTile, count - i);
      hide(static_cast<const uint8_t*>(mask_->read(first + i, n, scratch)), n, to + i);
    }
  }
}

template <typename T>
void AttentionHeads<T>::hide_later(int64_t begin, int64_t end, int64_t count, T* rows) const {
  for (int64_t row = begin; row < end; ++row, rows += count)
    if (const int64_t seen = seen_keys(row + 1); seen < count)
      std::fill(rows + seen, rows + count, T(0));
}

template <typename T>
void subtract_by_row(T* rows, const T* by, int64_t count, int64_t columns) {
  for (int64_t i = 0; i < count; ++i)
    in_tiles(ElementOp::kSubtract, rows + i * columns, by + i, Sides::kSecondIsOne, columns);
}

template <typename T>
void multiply_by(T* values, T factor, int64_t count) {
  in_tiles(ElementOp::kMultiply, values, &factor, Sides::kSecondIsOne, count);
}

template <typename T>
void multiply_each(T* values, const T* others, int64_t count) {
  in_tiles(ElementOp::kMultiply, values, others, Sides::kArrays, count);
}

template <typename T>
void exp_of(T* values, int64_t count) {
  for (int64_t at = 0; at < count; at += kTile) {
    const void* const in[] = {values + at};
    run_tile(ElementOp::kExp, kElement<T>, in, values + at, std::min(kTile, count - at));
  }
}

template <typename T>
double sum_of(const T* values, int64_t count) {
  double out = 0;
  for (int64_t at = 0; at < count; at += kTile)
    fold_tile(ReduceOp::kSum, kElement<T>, values + at, std::min(kTile, count - at), at == 0, &out);
  return out;
}

uint8_t* attention_scratch(int64_t bytes) {
  thread_local Buffer held;
  if (static_cast<int64_t>(held.size()) < bytes)
    held = Buffer::allocate(static_cast<size_t>(bytes));
  return held.mutable_data();
}

template class AttentionHeads<float>;
template class AttentionHeads<double>;
template void subtract_by_row(float*, const float*, int64_t, int64_t);
template void subtract_by_row(double*, const double*, int64_t, int64_t);
template void multiply_by(float*, float, int64_t);
template void multiply_by(double*, double, int64_t);
template void multiply_each(float*, const float*, int64_t);
template void multiply_each(double*, const double*, int64_t);
template void exp_of(float*, int64_t);
template void exp_of(double*, int64_t);
template double sum_of(const float*, int64_t);
template double sum_of(const double*, int64_t);

}  // namespace cne::tensor
