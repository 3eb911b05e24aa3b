#pragma once

#include <cstdint>
#include <span>

#include "tensor/element.h"

namespace cne::tensor {

/// How the numbers of several ranks become one.
enum class RankOp : uint8_t { kSum, kMean, kMax, kMin };

/// Throws TypeError, naming `function`, for a type that an operation does not take: booleans, the
/// mean of integers, extremes of complex numbers.
void check_rank_op(RankOp op, Element element, const char* function);

/// out[i] = ((in[0][i] + in[1][i]) + in[2][i]) + ..., in the order of the ranks, divided by how
/// many they are for the mean. float16 and bfloat16 are added as float32 and rounded once. `out`
/// may be one of the inputs.
void reduce_ranks(RankOp op, Element element, std::span<const uint8_t* const> in, uint8_t* out,
                  int64_t n);

}  // namespace cne::tensor
