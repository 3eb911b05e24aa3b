#include <cassert>
#include <type_traits>

#include "tensor/element_dispatch.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_math.h"
#include "tensor/elementwise_tile.h"
#include "tensor/integer_division.h"

namespace cne::tensor {

namespace {

using Inputs = const void* const*;
using B = uint8_t;

/// Of bool bytes, which are 0 or 1.
[[gnu::always_inline]] inline void bools(ElementOp op, Inputs in, Sides sides, void* out,
                                         int64_t n) {
  using T = uint8_t;
  switch (op) {
    case ElementOp::kInvert:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(a ^ 1); });
    case ElementOp::kAnd:
      return pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a & b); });
    case ElementOp::kOr:
      return pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a | b); });
    case ElementOp::kXor:
    case ElementOp::kNotEqual:
      return pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a ^ b); });
    case ElementOp::kEqual:
      return pairs_or_one<T, T>(in, sides, out, n,
                                [](T a, T b) { return static_cast<T>(a ^ b ^ 1); });
    default:
      assert(false);  // `takes` said no
  }
}

/// Of which the bits do not depend on the sign: for unsigned types alone.
template <typename T>
[[gnu::always_inline]] inline bool modular(ElementOp op, Inputs in, Sides sides, void* out,
                                           int64_t n) {
  switch (op) {
    case ElementOp::kNegative:
      each<T, T>(in, out, n, [](T a) { return static_cast<T>(0 - wrapping(a)); });
      return true;
    case ElementOp::kSquare:
      each<T, T>(in, out, n, [](T a) { return static_cast<T>(wrapping(a) * wrapping(a)); });
      return true;
    case ElementOp::kInvert:
      each<T, T>(in, out, n, [](T a) { return static_cast<T>(~a); });
      return true;
    case ElementOp::kFloor:
    case ElementOp::kCeil:
    case ElementOp::kTrunc:
    case ElementOp::kRound:
    case ElementOp::kConj:
    case ElementOp::kReal:
      each<T, T>(in, out, n, [](T a) { return a; });
      return true;
    case ElementOp::kIsNan:
    case ElementOp::kIsInf:
      each<T, B>(in, out, n, [](T) { return B{0}; });
      return true;
    case ElementOp::kIsFinite:
      each<T, B>(in, out, n, [](T) { return B{1}; });
      return true;
    case ElementOp::kAdd:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a + b); });
      return true;
    case ElementOp::kSubtract:
      pairs_or_any_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a - b); });
      return true;
    case ElementOp::kMultiply:
      pairs_or_one<T, T>(in, sides, out, n,
                         [](T a, T b) { return static_cast<T>(wrapping(a) * wrapping(b)); });
      return true;
    case ElementOp::kAnd:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a & b); });
      return true;
    case ElementOp::kOr:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a | b); });
      return true;
    case ElementOp::kXor:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return static_cast<T>(a ^ b); });
      return true;
    case ElementOp::kShiftLeft:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return shift_left(a, b); });
      return true;
    case ElementOp::kEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a == b); });
      return true;
    case ElementOp::kNotEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a != b); });
      return true;
    default:
      return false;
  }
}

template <typename T>
[[gnu::always_inline]] inline bool ordered(ElementOp op, Inputs in, Sides sides, void* out,
                                           int64_t n) {
  switch (op) {
    case ElementOp::kAbs:
      each<T, T>(in, out, n, [](T a) { return a < 0 ? static_cast<T>(0 - wrapping(a)) : a; });
      return true;
    case ElementOp::kSign:
      each<T, T>(in, out, n, [](T a) { return static_cast<T>((a > 0) - (a < 0)); });
      return true;
    case ElementOp::kMaximum:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return a > b ? a : b; });
      return true;
    case ElementOp::kMinimum:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return a < b ? a : b; });
      return true;
    case ElementOp::kLess:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a < b); });
      return true;
    case ElementOp::kLessEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a <= b); });
      return true;
    case ElementOp::kShiftRight:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return shift_right(a, b); });
      return true;
    default:
      return false;
  }
}

/// What processors have no vector instructions for.
template <typename T>
void by_division(ElementOp op, Inputs in, void* out, int64_t n) {
  switch (op) {
    case ElementOp::kFloorDivide:
      return divide_integers(T{}, false, in, out, n);
    case ElementOp::kRemainder:
      return divide_integers(T{}, true, in, out, n);
    case ElementOp::kPower:
      return pairs<T, T>(in, out, n, [](T a, T b) { return integer_power(a, b); });
    default:
      assert(false);  // `takes` said no
  }
}

CNE_MULTIVERSION void bool_tile(ElementOp op, Inputs in, Sides sides, void* out, int64_t n) {
  bools(op, in, sides, out, n);
}

CNE_MULTIVERSION bool modular_tile(uint8_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return modular<uint8_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool modular_tile(uint16_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return modular<uint16_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool modular_tile(uint32_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return modular<uint32_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool modular_tile(uint64_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return modular<uint64_t>(op, in, sides, out, n);
}

CNE_MULTIVERSION bool ordered_tile(int8_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<int8_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(int16_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<int16_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(int32_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<int32_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(int64_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<int64_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(uint8_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<uint8_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(uint16_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<uint16_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(uint32_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<uint32_t>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool ordered_tile(uint64_t, ElementOp op, Inputs in, Sides sides, void* out,
                                   int64_t n) {
  return ordered<uint64_t>(op, in, sides, out, n);
}

}  // namespace

void run_integer_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                      int64_t n) {
  if (element == Element::kBool) return bool_tile(op, in, sides, out, n);
  with_number(element, [&](auto number) {
    using T = decltype(number);
    if constexpr (std::is_integral_v<T>) {
      if (!modular_tile(std::make_unsigned_t<T>{}, op, in, sides, out, n) &&
          !ordered_tile(T{}, op, in, sides, out, n))
        by_division<T>(op, in, out, n);
    }
  });
}

}  // namespace cne::tensor
