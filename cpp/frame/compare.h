#pragma once

#include "frame/expr.h"
#include "frame/operand.h"

namespace cne::frame {

/// `a op b` for n rows as a bool column, op one of == != < <= > >=; null where a side is null. Both
/// operands have one element type (offset widths of text may differ), or one is int64 and the other
/// uint64, which are compared as the numbers that they are. NaN equals nothing and is unordered;
/// text compares by bytes, which is the order of code points.
Column compare(ExprOp op, const Operand& a, const Operand& b, int64_t n);

/// Whether each element is NaN; null stays null.
Column is_nan(const Column& input);

/// Whether each element equals one of `values`, which has the same element type: what == of it and
/// each of them says, joined by |. So NaN is in nothing; nulls among the values are ignored, and an
/// element that is null gives null.
Column is_in(const Column& input, const Column& values);

}  // namespace cne::frame
