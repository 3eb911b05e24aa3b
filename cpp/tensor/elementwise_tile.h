#pragma once

#include <cstdint>

#include "tensor/elementwise_op.h"

namespace cne::tensor {

/// Elements that a tile has at most: a few of them stay in the first cache.
inline constexpr int64_t kTile = 1024;

/// One operation over `n` elements that lie one behind the other; bool results are bytes. `in` has
/// as many as the operation takes; the output may be one of them. The type is one that it takes,
/// but not float16 or bfloat16, whose tiles are computed as float32.
void run_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);

// By kind, which run_tile chooses from.
void run_integer_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);
void run_float_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);
void run_complex_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n);

/// `n` elements as another type. Floats to integers are cut off towards zero, and 0 where that is
/// out of range; complex to real leaves the imaginary part out; what is not zero is true.
void cast_tile(Element from, const void* in, Element to, void* out, int64_t n);

}  // namespace cne::tensor
