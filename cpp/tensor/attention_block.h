#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/buffer.h"
#include "tensor/attention.h"
#include "tensor/gemm.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

/// The inputs of attention by head, and blocks of its queries. T is float or double.
template <typename T>
class AttentionHeads {
 public:
  /// The inputs have to outlive it.
  AttentionHeads(std::span<const Array> inputs, const AttentionParams& params);

  int64_t batch, heads, groups, queries, keys, depth, width;
  int64_t block;  // queries of a block at most

  int64_t blocks() const { return (queries + block - 1) / block; }
  /// Keys that the queries before `end` see at most.
  int64_t seen_keys(int64_t end) const;
  MatrixView key_of(int64_t batch, int64_t head) const { return matrix(key_, batch, head); }
  MatrixView value_of(int64_t batch, int64_t head) const { return matrix(value_, batch, head); }

  /// Rows [begin, end) of a head of (batch, heads, rows, columns), times a factor, in order.
  void read_rows(const Array& array, int64_t batch, int64_t head, int64_t begin, int64_t end,
                 T factor, T* to) const;
  /// Scaled queries times keys, -infinity where the mask allows nothing: (end - begin, count).
  void scores(int64_t batch, int64_t head, int64_t begin, int64_t end, int64_t count,
              const T* scaled_queries, T* to) const;
  /// Makes 0 of what belongs to keys behind a causal query's place. So it is for scores before e^x,
  /// which takes longer for infinities, and for the weights that come of them.
  void hide_later(int64_t begin, int64_t end, int64_t count, T* rows) const;

 private:
  MatrixView matrix(const Array& array, int64_t batch, int64_t head) const;

  Array key_;
  Array value_;
  bool is_causal_;
  std::optional<TileReader> mask_;
};

/// What `make` (Array::empty or zeros) gives for (batch, heads, rows, columns), laid out as (batch,
/// rows, heads, columns).
Array by_rows(Type type, Array make(const Type&));

// Rows that lie one behind the other.

/// Subtracts a number from each row of `columns`.
template <typename T>
void subtract_by_row(T* rows, const T* by, int64_t count, int64_t columns);
/// Multiplies all by a number.
template <typename T>
void multiply_by(T* values, T factor, int64_t count);
/// e^x of all.
template <typename T>
void exp_of(T* values, int64_t count);
/// The products of single elements, in the first.
template <typename T>
void multiply_each(T* values, const T* others, int64_t count);
/// The sum of `count` values.
template <typename T>
double sum_of(const T* values, int64_t count);

/// Memory of the calling thread that is kept from call to call.
uint8_t* attention_scratch(int64_t bytes);

}  // namespace cne::tensor
