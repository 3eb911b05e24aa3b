#pragma once

#include "frame/expr.h"
#include "frame/operand.h"

namespace cne::frame {

/// `a op b` for n rows as a bool column, op one of == != < <= > >=; null where a side is null. Both
/// operands have one element type (offset widths of text may differ). NaN equals nothing and is
/// unordered; text compares by bytes, which is the order of code points.
Column compare(ExprOp op, const Operand& a, const Operand& b, int64_t n);

/// Whether each element is NaN; null stays null.
Column is_nan(const Column& input);

/// Whether each element is among `values`, which has the same element type. A null is not in it,
/// and gives null; nulls among the values are ignored. NaN is in it when NaN is.
Column is_in(const Column& input, const Column& values);

}  // namespace cne::frame
