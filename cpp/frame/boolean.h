#pragma once

#include "frame/expr.h"
#include "frame/operand.h"

namespace cne::frame {

/// `a op b` for n rows of bools, op one of and, or, xor, by Kleene's logic: false and null is
/// false, true or null is true, all else with a null is null.
Column logic(ExprOp op, const Operand& a, const Operand& b, int64_t n);
/// Null stays null.
Column logical_not(const Column& input);
/// Never null.
Column is_null(const Column& input, bool negated);

}  // namespace cne::frame
