#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tensor/element.h"

namespace cne::tensor {

/// What is done to single elements. The order is that of the facts in elementwise_op.cpp.
enum class ElementOp : uint8_t {
  // one input
  kNegative,
  kAbs,
  kSign,
  kSquare,
  kSqrt,
  kRsqrt,
  kExp,
  kExpm1,
  kLog,
  kLog1p,
  kLog2,
  kLog10,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kTanh,
  kAsinh,
  kAcosh,
  kAtanh,
  kSigmoid,
  kErf,
  kErfc,
  kErfinv,
  kLgamma,
  kDigamma,
  kFloor,
  kCeil,
  kTrunc,
  kRound,
  kConj,
  kReal,
  kImag,
  kIsNan,
  kIsInf,
  kIsFinite,
  kSignBit,
  kInvert,
  // two inputs
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kRemainder,
  kPower,
  kAtan2,
  kHypot,
  kCopySign,
  kNextAfter,
  kPolygamma,
  kMaximum,
  kMinimum,
  kLogAddExp,
  kAnd,
  kOr,
  kXor,
  kShiftLeft,
  kShiftRight,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};
inline constexpr int kElementOps = static_cast<int>(ElementOp::kGreaterEqual) + 1;
inline constexpr ElementOp kFirstBinary = ElementOp::kAdd;

inline constexpr int arity(ElementOp op) { return op < kFirstBinary ? 1 : 2; }
/// "add", as the Python function and error messages have it.
const char* name_of(ElementOp op);
std::optional<ElementOp> parse_element_op(std::string_view name);
/// Whether it is defined for a type of its inputs, which are all of one.
bool takes(ElementOp op, Element element);
/// The type of its result.
Element result_of(ElementOp op, Element element);

}  // namespace cne::tensor
