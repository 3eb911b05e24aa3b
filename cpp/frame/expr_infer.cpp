#include <vector>

#include "core/error.h"
#include "frame/cast.h"
#include "frame/expr.h"
#include "frame/promote.h"
#include "frame/time_zone.h"

namespace cne::frame {

namespace {

/// Types the inputs of one node and says what the node gives.
struct Typer {
  const Expr& expr;
  const Schema& schema;
  const char* function;
  std::vector<DataType> types = {};

  [[noreturn]] void wrong(const char* expected, size_t input) const {
    throw TypeError(message(function, ": ", to_string(expr.op), " expects ", expected, ", got ",
                            to_string(types[input]), " in ", to_string(expr)));
  }

  Side side(size_t i) const {
    const Expr& input = *expr.inputs[i];
    return {types[i], input.op == ExprOp::kLiteral && input.weak ? &input : nullptr};
  }

  DataType column() const {
    std::vector<std::string> names;
    for (const Field& field : schema) {
      if (field.name == expr.name) return field.type;
      names.push_back(field.name);
    }
    throw NotFoundError(message(function, ": no column", describe_unknown(expr.name, names)));
  }

  void expect(bool (*test)(DType), const char* what) const {
    for (size_t i = 0; i < types.size(); ++i)
      if (!test(types[i].id)) wrong(what, i);
  }

  DataType math() const {
    const DType id = types[0].id;
    const bool sign = expr.op == ExprOp::kNegate || expr.op == ExprOp::kAbs;
    if (sign && id == DType::kDuration) return types[0];
    if (!is_numeric(id)) wrong("a number", 0);
    const bool keeps = sign || expr.op == ExprOp::kFloor || expr.op == ExprOp::kCeil ||
                       expr.op == ExprOp::kRound || is_floating(id);
    return keeps ? types[0] : DataType(DType::kFloat64);
  }

  DataType time() const {
    const DType id = types[0].id;
    if (id != DType::kTimestamp && id != DType::kDate) wrong("a date or timestamp", 0);
    switch (expr.op) {
      case ExprOp::kTruncate: {
        const Expr& step = *expr.inputs[1];
        if (types[1].id != DType::kDuration || step.op != ExprOp::kLiteral ||
            !step.value.is_valid(0) || step.value.values<int64_t>()[0] <= 0)
          wrong("a positive duration such as \"10m\" to truncate to", 1);
        return types[0];
      }
      case ExprOp::kToZone:
        if (id == DType::kDate || types[0].zone.empty()) wrong("a timestamp with a zone", 0);
        find_zone(expr.name, function);
        return DataType::timestamp(types[0].unit, expr.name);
      case ExprOp::kFromLocal:
        if (id == DType::kDate || !types[0].zone.empty()) wrong("a timestamp without a zone", 0);
        find_zone(expr.name, function);
        return DataType::timestamp(types[0].unit, expr.name);
      default:
        if (id == DType::kTimestamp) find_zone(types[0].zone, function);
        return DType::kInt64;
    }
  }

  DataType choice() const {
    size_t first = 0;
    if (expr.op == ExprOp::kIfElse) {
      if (types[0].id != DType::kBool) wrong("a bool as its condition", 0);
      first = 1;
    }
    DataType out = types[first];
    Side left = side(first);
    for (size_t i = first + 1; i < types.size(); ++i) {
      out = common_type(left, side(i), function);
      left = {out, nullptr};
    }
    return out;
  }

  DataType result() {
    if (expr.op == ExprOp::kColumn) return column();
    if (expr.op == ExprOp::kLiteral) return expr.value.type();
    for (const ExprPtr& input : expr.inputs) types.push_back(infer_type(*input, schema, function));
    if (expr.op == ExprOp::kCast) {
      if (!can_cast(types[0], expr.type))
        throw TypeError(message(function, ": there is no cast from ", to_string(types[0]), " to ",
                                to_string(expr.type)));
      return expr.type;
    }
    if (expr.op >= ExprOp::kAdd && expr.op <= ExprOp::kModulo) {
      if (expr.op == ExprOp::kAdd && is_string(types[0].id) && is_string(types[1].id))
        return is_large(types[0].id) ? types[0] : types[1];
      return promote_arithmetic(expr.op, side(0), side(1), function).result;
    }
    if (expr.op <= ExprOp::kRound) return math();
    if (expr.op <= ExprOp::kGreaterEqual) {
      if (is_nested(common_type(side(0), side(1), function).id)) wrong("values, not lists", 0);
      return DType::kBool;
    }
    if (expr.op <= ExprOp::kNot) {
      expect([](DType id) { return id == DType::kBool; }, "bools");
      return DType::kBool;
    }
    if (expr.op == ExprOp::kIsNan) {
      expect(is_numeric, "numbers");
      return DType::kBool;
    }
    if (expr.op <= ExprOp::kIsNan) return DType::kBool;
    if (expr.op <= ExprOp::kCoalesce) return choice();
    if (expr.op == ExprOp::kIsIn) {
      const Expr& list = *expr.inputs[1];
      if (list.op != ExprOp::kLiteral) wrong("a list of constants", 1);
      if (is_nested(member_type(side(0), list, function).id)) wrong("values, not lists", 0);
      return DType::kBool;
    }
    if (expr.op <= ExprOp::kConcat) {
      expect(expr.op == ExprOp::kLength ? is_binary_like : is_string, "text");
      if (expr.op == ExprOp::kLength) return DType::kInt64;
      if (expr.op == ExprOp::kLower || expr.op == ExprOp::kUpper) return types[0];
      if (expr.op == ExprOp::kConcat) return is_large(types[0].id) ? types[0] : types[1];
      return DType::kBool;
    }
    return time();
  }
};

}  // namespace

DataType infer_type(const Expr& expr, const Schema& schema, const char* function) {
  return Typer{expr, schema, function}.result();
}

}  // namespace cne::frame
