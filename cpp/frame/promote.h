#pragma once

#include "frame/expr.h"

namespace cne::frame {

/// How an operation on two inputs is carried out: both are cast to types that share an element
/// type, combined, and the bytes get the result's type.
struct Promotion {
  DataType left;
  DataType right;
  DataType result;
};

/// One side of an operation: its type, and the literal when it is a weak one.
struct Side {
  DataType type;
  const Expr* weak = nullptr;
};

/// The type that holds values of both sides, for comparisons and choices:
///
///   equal types       that type
///   integers          the wider; signed with unsigned the next wider signed, with uint64 float64
///   floats            the wider; float32 with integers of more than 16 bits float64
///   bool with number  the number's
///   times             the finer unit; dates become timestamps; timestamps with a zone do not mix
///                     with timestamps without
///   weak literals     the other side's type where the value fits it; text beside a time is read
///                     as one
///
/// Throws TypeError naming `function` when there is none.
DataType common_type(const Side& a, const Side& b, const char* function);

/// The type in which is_in compares, so that it says what == of each element of `list` (a literal)
/// would: the input's where the elements are integers, times or weak; an element that the type does
/// not hold equals nothing. A list without values goes with any type. Throws as common_type.
DataType member_type(const Side& input, const Expr& list, const char* function);

/// The rules of + - * / // %: as NumPy; `/` of integers is float64; bools count as int64.
///
///   timestamp - timestamp -> duration, timestamp +- duration -> timestamp, duration +- duration,
///   duration * integer, duration // integer -> duration, duration / duration -> float64,
///   duration // duration -> int64, duration % duration -> duration; a date counts as a timestamp
///   in seconds
Promotion promote_arithmetic(ExprOp op, const Side& a, const Side& b, const char* function);

}  // namespace cne::frame
