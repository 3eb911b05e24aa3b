#pragma once

#include "frame/expr.h"
#include "frame/operand.h"

namespace cne::frame {

/// `a op b` for n rows, op one of + - * / // %. Both operands have one element type, a number or
/// the 64 bits of a time; the result has it too, but for the comparison of durations by `/`, which
/// is computed in float64 when `result` is float64. Integers wrap around on overflow. `//` and `%`
/// round towards minus infinity, as in Python, and are null where an integer divisor is 0; floats
/// follow IEEE 754.
Column arithmetic(ExprOp op, const Operand& a, const Operand& b, int64_t n, const DataType& result);

/// -x, |x|; sqrt, exp, log, floor, ceil, round (halves to even) of floats.
Column unary_math(ExprOp op, const Column& input);

}  // namespace cne::frame
