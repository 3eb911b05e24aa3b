#include <cassert>

#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_math.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

/// Of bool bytes, which are 0 or 1.
[[gnu::always_inline]] inline void bools(ElementOp op, const void* const* in, void* out,
                                         int64_t n) {
  using T = uint8_t;
  switch (op) {
    case ElementOp::kInvert:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(a ^ 1); });
    case ElementOp::kAnd:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a & b); });
    case ElementOp::kOr:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a | b); });
    case ElementOp::kXor:
    case ElementOp::kNotEqual:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a ^ b); });
    case ElementOp::kEqual:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a ^ b ^ 1); });
    default:
      assert(false);  // `takes` said no
  }
}

template <typename T>
[[gnu::always_inline]] inline void one(ElementOp op, const void* const* in, void* out, int64_t n) {
  switch (op) {
    case ElementOp::kNegative:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(0 - wrapping(a)); });
    case ElementOp::kAbs:
      return each<T, T>(in, out, n,
                        [](T a) { return a < 0 ? static_cast<T>(0 - wrapping(a)) : a; });
    case ElementOp::kSign:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>((a > 0) - (a < 0)); });
    case ElementOp::kSquare:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(wrapping(a) * wrapping(a)); });
    case ElementOp::kFloor:
    case ElementOp::kCeil:
    case ElementOp::kTrunc:
    case ElementOp::kRound:
    case ElementOp::kConj:
    case ElementOp::kReal:
      return each<T, T>(in, out, n, [](T a) { return a; });
    case ElementOp::kIsNan:
    case ElementOp::kIsInf:
      return each<T, uint8_t>(in, out, n, [](T) { return uint8_t{0}; });
    case ElementOp::kIsFinite:
      return each<T, uint8_t>(in, out, n, [](T) { return uint8_t{1}; });
    case ElementOp::kInvert:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(~a); });
    default:
      assert(false);
  }
}

template <typename T>
[[gnu::always_inline]] inline void two(ElementOp op, const void* const* in, void* out, int64_t n) {
  using B = uint8_t;
  switch (op) {
    case ElementOp::kAdd:
      return pairs<T, T>(in, out, n,
                         [](T a, T b) { return static_cast<T>(wrapping(a) + wrapping(b)); });
    case ElementOp::kSubtract:
      return pairs<T, T>(in, out, n,
                         [](T a, T b) { return static_cast<T>(wrapping(a) - wrapping(b)); });
    case ElementOp::kMultiply:
      return pairs<T, T>(in, out, n,
                         [](T a, T b) { return static_cast<T>(wrapping(a) * wrapping(b)); });
    case ElementOp::kFloorDivide:
      return pairs<T, T>(in, out, n, [](T a, T b) { return integer_floor_divide(a, b); });
    case ElementOp::kRemainder:
      return pairs<T, T>(in, out, n, [](T a, T b) { return integer_remainder(a, b); });
    case ElementOp::kPower:
      return pairs<T, T>(in, out, n, [](T a, T b) { return integer_power(a, b); });
    case ElementOp::kMaximum:
      return pairs<T, T>(in, out, n, [](T a, T b) { return a > b ? a : b; });
    case ElementOp::kMinimum:
      return pairs<T, T>(in, out, n, [](T a, T b) { return a < b ? a : b; });
    case ElementOp::kAnd:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a & b); });
    case ElementOp::kOr:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a | b); });
    case ElementOp::kXor:
      return pairs<T, T>(in, out, n, [](T a, T b) { return static_cast<T>(a ^ b); });
    case ElementOp::kShiftLeft:
      return pairs<T, T>(in, out, n, [](T a, T b) { return shift_left(a, b); });
    case ElementOp::kShiftRight:
      return pairs<T, T>(in, out, n, [](T a, T b) { return shift_right(a, b); });
    case ElementOp::kEqual:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a == b); });
    case ElementOp::kNotEqual:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a != b); });
    case ElementOp::kLess:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a < b); });
    case ElementOp::kLessEqual:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a <= b); });
    case ElementOp::kGreater:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a > b); });
    case ElementOp::kGreaterEqual:
      return pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a >= b); });
    default:
      assert(false);
  }
}

template <typename T>
[[gnu::always_inline]] inline void any(ElementOp op, const void* const* in, void* out, int64_t n) {
  arity(op) == 1 ? one<T>(op, in, out, n) : two<T>(op, in, out, n);
}

using Inputs = const void* const*;

CNE_MULTIVERSION void bool_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  bools(op, in, out, n);
}
CNE_MULTIVERSION void int8_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<int8_t>(op, in, out, n);
}
CNE_MULTIVERSION void int16_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<int16_t>(op, in, out, n);
}
CNE_MULTIVERSION void int32_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<int32_t>(op, in, out, n);
}
CNE_MULTIVERSION void int64_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<int64_t>(op, in, out, n);
}
CNE_MULTIVERSION void uint8_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<uint8_t>(op, in, out, n);
}
CNE_MULTIVERSION void uint16_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<uint16_t>(op, in, out, n);
}
CNE_MULTIVERSION void uint32_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<uint32_t>(op, in, out, n);
}
CNE_MULTIVERSION void uint64_tile(ElementOp op, Inputs in, void* out, int64_t n) {
  any<uint64_t>(op, in, out, n);
}

}  // namespace

void run_integer_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  switch (element) {
    case Element::kBool:
      return bool_tile(op, in, out, n);
    case Element::kInt8:
      return int8_tile(op, in, out, n);
    case Element::kInt16:
      return int16_tile(op, in, out, n);
    case Element::kInt32:
      return int32_tile(op, in, out, n);
    case Element::kInt64:
      return int64_tile(op, in, out, n);
    case Element::kUInt8:
      return uint8_tile(op, in, out, n);
    case Element::kUInt16:
      return uint16_tile(op, in, out, n);
    case Element::kUInt32:
      return uint32_tile(op, in, out, n);
    case Element::kUInt64:
      return uint64_tile(op, in, out, n);
    default:
      assert(false);
  }
}

}  // namespace cne::tensor
