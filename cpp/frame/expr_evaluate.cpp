#include <utility>
#include <vector>

#include "core/error.h"
#include "frame/arithmetic.h"
#include "frame/boolean.h"
#include "frame/cast.h"
#include "frame/choose.h"
#include "frame/compare.h"
#include "frame/datetime.h"
#include "frame/expr.h"
#include "frame/filter.h"
#include "frame/gather.h"
#include "frame/operand.h"
#include "frame/promote.h"
#include "frame/strings.h"

namespace cne::frame {

namespace {

/// Walks the tree. A node whose inputs are all scalars is a scalar. Types were checked by
/// infer_type.
struct Evaluator {
  const Table& table;
  const char* function;

  Operand as_type(const Operand& operand, const DataType& type) const {
    // Also where there is no cast: a null without a type is one of every type.
    if (operand.null_scalar()) return {Column::nulls(type, 1), true};
    return {cast(operand.column, type, true, function), operand.scalar};
  }

  /// The integer type of 64 bits that holds an integer column.
  static DType widest(const Operand& operand) {
    return operand.column.type().id == DType::kUInt64 ? DType::kUInt64 : DType::kInt64;
  }

  /// The elements of is_in's list as a type that member_type gave, without those that it does not
  /// hold as they are.
  Column members(const Column& list, const DataType& type) const {
    const DataType& from = list.type();
    if (list.null_count() == list.length()) return Column::nulls(type, 0);
    const bool narrows = (is_integer(from.id) && is_integer(type.id)) ||
                         (is_temporal(from.id) && from.id == type.id);
    if (!narrows) return cast(list, type, true, function);
    const Column out = cast(list, type, false, function);
    const Column back = cast(out, from, false, function);
    const std::vector<int64_t> rows =
        selected_rows(compare(ExprOp::kEqual, {back}, {list}, list.length()));
    return gather(out, rows.data(), static_cast<int64_t>(rows.size()));
  }

  static Side side(const Expr& expr, const Operand& value) {
    return {value.column.type(), expr.op == ExprOp::kLiteral && expr.weak ? &expr : nullptr};
  }

  Operand evaluate(const Expr& expr) const {
    if (expr.op == ExprOp::kColumn) return {table.at(expr.name, function), false};
    if (expr.op == ExprOp::kLiteral) return {expr.value, true};
    std::vector<Operand> inputs;
    bool scalar = true;
    for (const ExprPtr& input : expr.inputs) {
      inputs.push_back(evaluate(*input));
      scalar &= inputs.back().scalar;
    }
    if (expr.op == ExprOp::kIsIn) scalar = inputs[0].scalar;
    const int64_t n = scalar ? 1 : table.rows();
    return {compute(expr, inputs, n), scalar};
  }

  Column compute(const Expr& expr, std::vector<Operand>& inputs, int64_t n) const {
    if (inputs.size() == 1 && expr.op != ExprOp::kCoalesce) return unary(expr, inputs[0].column);
    if (expr.op >= ExprOp::kAdd && expr.op <= ExprOp::kModulo) return binary_math(expr, inputs, n);
    if (expr.op >= ExprOp::kEqual && expr.op <= ExprOp::kGreaterEqual) {
      DataType type = common(expr, inputs, 0);
      if (type.id == DType::kFloat64 && is_integer(inputs[0].column.type().id) &&
          is_integer(inputs[1].column.type().id))
        // uint64 beside a signed type: float64 would take large numbers for their neighbours.
        return compare(expr.op, as_type(inputs[0], widest(inputs[0])),
                       as_type(inputs[1], widest(inputs[1])), n);
      return compare(expr.op, as_type(inputs[0], type), as_type(inputs[1], type), n);
    }
    switch (expr.op) {
      case ExprOp::kAnd:
      case ExprOp::kOr:
      case ExprOp::kXor:
        return logic(expr.op, inputs[0], inputs[1], n);
      case ExprOp::kIfElse: {
        const DataType type = common(expr, inputs, 1);
        return if_else(inputs[0], as_type(inputs[1], type), as_type(inputs[2], type), n, type,
                       function);
      }
      case ExprOp::kCoalesce:
        return coalesce(expr, inputs, n);
      case ExprOp::kIsIn: {
        const Expr& list = *expr.inputs[1];
        const DataType type = member_type(side(*expr.inputs[0], inputs[0]), list, function);
        return is_in(as_type(inputs[0], type).column, members(list.value, type));
      }
      case ExprOp::kTruncate:
        return truncate_time(inputs[0].column, inputs[1].column, function);
      case ExprOp::kConcat:
        return concat_text(inputs[0], inputs[1], n);
      default:
        return match(expr.op, inputs[0], inputs[1], n);
    }
  }

  DataType common(const Expr& expr, const std::vector<Operand>& inputs, size_t first) const {
    return common_type(side(*expr.inputs[first], inputs[first]),
                       side(*expr.inputs[first + 1], inputs[first + 1]), function);
  }

  Column binary_math(const Expr& expr, const std::vector<Operand>& inputs, int64_t n) const {
    if (is_string(inputs[0].column.type().id)) return concat_text(inputs[0], inputs[1], n);
    const Promotion types = promote_arithmetic(expr.op, side(*expr.inputs[0], inputs[0]),
                                               side(*expr.inputs[1], inputs[1]), function);
    return arithmetic(expr.op, as_type(inputs[0], types.left), as_type(inputs[1], types.right), n,
                      types.result);
  }

  Column coalesce(const Expr& expr, const std::vector<Operand>& inputs, int64_t n) const {
    DataType type = inputs[0].column.type();
    Side left = side(*expr.inputs[0], inputs[0]);
    for (size_t i = 1; i < inputs.size(); ++i) {
      type = common_type(left, side(*expr.inputs[i], inputs[i]), function);
      left = {type, nullptr};
    }
    Operand out = as_type(inputs[0], type);
    for (size_t i = 1; i < inputs.size(); ++i) {
      if (!out.column.may_have_nulls()) break;
      const Operand present{is_null(out.column, true), out.scalar};
      out = {if_else(present, out, as_type(inputs[i], type), n, type, function), false};
    }
    return out.scalar && n != 1 ? repeat(out.column, n) : out.column;
  }

  Column unary(const Expr& expr, const Column& input) const {
    switch (expr.op) {
      case ExprOp::kCast:
        return cast(input, expr.type, expr.strict, "cast");
      case ExprOp::kSqrt:
      case ExprOp::kExp:
      case ExprOp::kLog:
        if (is_integer(input.type().id))
          return unary_math(expr.op, cast(input, DType::kFloat64, true, function));
        return unary_math(expr.op, input);
      case ExprOp::kNegate:
      case ExprOp::kAbs:
      case ExprOp::kFloor:
      case ExprOp::kCeil:
      case ExprOp::kRound:
        return unary_math(expr.op, input);
      case ExprOp::kNot:
        return logical_not(input);
      case ExprOp::kIsNull:
        return is_null(input, false);
      case ExprOp::kIsNotNull:
        return is_null(input, true);
      case ExprOp::kIsNan:
        return is_nan(input);
      case ExprOp::kLength:
        return text_length(input);
      case ExprOp::kLower:
      case ExprOp::kUpper:
        return change_case(input, expr.op == ExprOp::kUpper);
      case ExprOp::kToZone:
        return input.with_type(DataType::timestamp(input.type().unit, expr.name));
      case ExprOp::kFromLocal:
        return from_local(input, expr.name, function);
      default:
        return datetime_part(expr.op, input, function);
    }
  }
};

}  // namespace

Column evaluate(const Expr& expr, const Table& table, const char* function) {
  infer_type(expr, table.schema(), function);
  const Operand out = Evaluator{table, function}.evaluate(expr);
  return out.scalar ? repeat(out.column, table.rows()) : out.column;
}

}  // namespace cne::frame
