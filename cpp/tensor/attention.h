#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

struct AttentionParams {
  double scale;
  bool is_causal;  // a query sees no keys behind its own place; the last query sees all
  auto fields() const { return std::tie(scale, is_causal); }
};

/// Attention of queries to keys, in blocks of queries: the likeness of all queries and keys is
/// never in memory at once.
///
///   out = softmax(scale * query key^T + mask) value
///
/// query is (batch, heads, queries, d), key (batch, groups, keys, d), value (batch, groups, keys,
/// e), where each group serves heads / groups heads in a row; all are float32 or float64. An
/// optional mask of bools (batch or 1, heads or 1, queries or 1, keys or 1) says what may be
/// attended to; rows without anything are 0. The results are `out` (batch, heads, queries, e), laid
/// out as (batch, queries, heads, e), and by query the logarithm of the sum of its weights before
/// they are divided by it, infinite where there are none. They do not depend on the number of
/// threads. Dao and others 2022, arXiv:2205.14135, without splitting the keys.
std::vector<Array> attention(std::span<const Array> inputs, const AttentionParams& params);
/// The types of the results. Throws TypeError, ShapeError.
std::vector<Type> attention_types(std::span<const Type> inputs);

/// Derivatives by query, key and value: of the inputs of attention, then its results, then the
/// cotangent of `out`. Weights are computed again.
std::vector<Array> attention_gradient(std::span<const Array> inputs, const AttentionParams& params);

/// As a primitive, also of values inside transformations: `out` alone. The mask may be absent, and
/// there may be any number of axes of the batch.
Value attention(const Value& query, const Value& key, const Value& value, const Value& mask,
                const AttentionParams& params);

extern const Primitive kAttention;
extern const Primitive kAttentionGradient;

}  // namespace cne::tensor
