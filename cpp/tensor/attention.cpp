#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/attention_block.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

/// One block of queries of a head.
template <typename T>
void run_block(const AttentionHeads<T>& of, const Array& query, T scale, int64_t batch,
               int64_t head, int64_t begin, Array& out, Array& log_sums) {
  const int64_t end = std::min(begin + of.block, of.queries);
  const int64_t rows = end - begin;
  const int64_t keys = of.seen_keys(end);
  T* const queries = reinterpret_cast<T*>(
      attention_scratch(rows * (of.depth + of.keys + 1) * static_cast<int64_t>(sizeof(T))));
  T* const weights = queries + rows * of.depth;
  T* const shifts = weights + rows * of.keys;
  of.read_rows(query, batch, head, begin, end, scale, queries);
  of.scores(batch, head, begin, end, keys, queries, weights);
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t seen = std::min(of.seen_keys(begin + i + 1), keys);
    const T top = seen == 0 ? T(0) : fold_extreme(weights + i * keys, seen, true);
    shifts[i] = std::isinf(top) && top < 0 ? T(0) : top;
  }
  subtract_by_row(weights, shifts, rows, keys);
  of.hide_later(begin, end, keys, weights);
  exp_of(weights, rows * keys);
  of.hide_later(begin, end, keys, weights);
  const Dims& strides = out.strides();
  T* const to = out.mutable_as<T>() + batch * strides[0] + head * strides[1] + begin * strides[2];
  if (keys > 0 && of.width > 0) {
    const MatrixView left{reinterpret_cast<const uint8_t*>(weights), rows, keys, keys, 1};
    const MatrixView right = block_of(of.value_of(batch, head), sizeof(T), 0, 0, keys, of.width);
    gemm(out.element(), left, right, false, reinterpret_cast<uint8_t*>(to), strides[2]);
  }
  T* const logs = log_sums.mutable_as<T>() + (batch * of.heads + head) * of.queries + begin;
  for (int64_t i = 0; i < rows; ++i) {
    const double sum = sum_of(weights + i * keys, keys);
    logs[i] = static_cast<T>(sum);
    if (sum == 0)
      std::fill_n(to + i * strides[2], of.width, T(0));
    else
      multiply_by(to + i * strides[2], static_cast<T>(1 / sum), of.width);
  }
  const void* const sums[] = {logs};
  run_tile(ElementOp::kLog, out.element(), sums, logs, rows);
  for (int64_t i = 0; i < rows; ++i)
    logs[i] = std::isinf(logs[i]) ? std::numeric_limits<T>::infinity() : logs[i] + shifts[i];
}

template <typename T>
void run(std::span<const Array> inputs, const AttentionParams& params, Array& out,
         Array& log_sums) {
  const AttentionHeads<T> of(inputs, params);
  const int64_t blocks = of.blocks();
  parallel_for(of.batch * of.heads * blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t head = task / blocks;
      run_block(of, inputs[0], static_cast<T>(params.scale), head / of.heads, head % of.heads,
                task % blocks * of.block, out, log_sums);
    }
  });
}

void check(std::span<const Type> inputs) {
  const Dims& q = inputs[0].shape;
  const Dims& k = inputs[1].shape;
  const Dims& v = inputs[2].shape;
  for (const Type& each : inputs.first(3))
    if ((each.element != Element::kFloat32 && each.element != Element::kFloat64) ||
        each.element != inputs[0].element)
      throw TypeError(message("attention: expected float32 or float64 alike, got ",
                              to_string(inputs[0]), ", ", to_string(inputs[1]), " and ",
                              to_string(inputs[2])));
  bool fits = q.size() == 4 && k.size() == 4 && v.size() == 4 && q[0] == k[0] && q[0] == v[0] &&
              k[1] == v[1] && k[2] == v[2] && q[3] == k[3] && k[1] > 0 && q[1] % k[1] == 0;
  if (fits && inputs.size() > 3) {
    const Dims& mask = inputs[3].shape;
    const Dims whole = {q[0], q[1], q[2], k[2]};
    fits = mask.size() == 4 && inputs[3].element == Element::kBool;
    for (int axis = 0; fits && axis < 4; ++axis)
      fits = mask[axis] == 1 || mask[axis] == whole[axis];
  }
  if (fits) return;
  std::string got;
  for (const Type& each : inputs) got += message(got.empty() ? "" : ", ", to_string(each));
  throw ShapeError(message(
      "attention: expected (batch, heads, queries, d), (batch, groups, keys, d), (batch, groups, ",
      "keys, e) and a mask of bools that is broadcast to (batch, heads, queries, keys), got ",
      got));
}

}  // namespace

std::vector<Type> attention_types(std::span<const Type> inputs) {
  check(inputs);
  const Type& q = inputs[0];
  const Dims rows = {q.shape[0], q.shape[1], q.shape[2]};
  Dims out = rows;
  out.push_back(inputs[2].shape[3]);
  return {{q.element, out, q.device}, {q.element, rows, q.device}};
}

std::vector<Array> attention(std::span<const Array> inputs, const AttentionParams& params) {
  std::vector<Type> given;
  for (const Array& each : inputs) given.push_back(each.type());
  const std::vector<Type> types = attention_types(given);
  Array out = by_rows(types[0], Array::empty);
  Array log_sums = Array::empty(types[1]);
  if (types[0].element == Element::kFloat32)
    run<float>(inputs, params, out, log_sums);
  else
    run<double>(inputs, params, out, log_sums);
  return {out, log_sums};
}

}  // namespace cne::tensor
