#include "frame/expr.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "frame/cast.h"

namespace cne::frame {

namespace {

struct OpInfo {
  const char* name;    // what Python asks for
  const char* symbol;  // how it prints: between the inputs, or nullptr for name(inputs)
  int inputs;
};

// By ExprOp.
constexpr std::array kOps = {
    OpInfo{"column", nullptr, 0},
    OpInfo{"literal", nullptr, 0},
    OpInfo{"cast", nullptr, 1},
    OpInfo{"add", "+", 2},
    OpInfo{"subtract", "-", 2},
    OpInfo{"multiply", "*", 2},
    OpInfo{"divide", "/", 2},
    OpInfo{"floor_divide", "//", 2},
    OpInfo{"modulo", "%", 2},
    OpInfo{"negate", nullptr, 1},
    OpInfo{"abs", nullptr, 1},
    OpInfo{"sqrt", nullptr, 1},
    OpInfo{"exp", nullptr, 1},
    OpInfo{"log", nullptr, 1},
    OpInfo{"floor", nullptr, 1},
    OpInfo{"ceil", nullptr, 1},
    OpInfo{"round", nullptr, 1},
    OpInfo{"equal", "==", 2},
    OpInfo{"not_equal", "!=", 2},
    OpInfo{"less", "<", 2},
    OpInfo{"less_equal", "<=", 2},
    OpInfo{"greater", ">", 2},
    OpInfo{"greater_equal", ">=", 2},
    OpInfo{"and", "&", 2},
    OpInfo{"or", "|", 2},
    OpInfo{"xor", "^", 2},
    OpInfo{"not", nullptr, 1},
    OpInfo{"is_null", nullptr, 1},
    OpInfo{"is_not_null", nullptr, 1},
    OpInfo{"is_nan", nullptr, 1},
    OpInfo{"if_else", nullptr, 3},
    OpInfo{"coalesce", nullptr, -1},
    OpInfo{"is_in", nullptr, 2},
    OpInfo{"length", nullptr, 1},
    OpInfo{"lower", nullptr, 1},
    OpInfo{"upper", nullptr, 1},
    OpInfo{"starts_with", nullptr, 2},
    OpInfo{"ends_with", nullptr, 2},
    OpInfo{"contains", nullptr, 2},
    OpInfo{"concat", nullptr, 2},
    OpInfo{"year", nullptr, 1},
    OpInfo{"month", nullptr, 1},
    OpInfo{"day", nullptr, 1},
    OpInfo{"hour", nullptr, 1},
    OpInfo{"minute", nullptr, 1},
    OpInfo{"second", nullptr, 1},
    OpInfo{"weekday", nullptr, 1},
    OpInfo{"year_day", nullptr, 1},
    OpInfo{"truncate", nullptr, 2},
    OpInfo{"to_zone", nullptr, 1},
    OpInfo{"from_local", nullptr, 1},
};
static_assert(kOps.size() == static_cast<size_t>(ExprOp::kFromLocal) + 1);

const OpInfo& info(ExprOp op) { return kOps[static_cast<size_t>(op)]; }

template <typename T>
ExprPtr fixed_literal(DType type, T value) {
  Buffer values = Buffer::zeros(8);
  std::memcpy(values.mutable_data(), &value, sizeof(T));
  return literal(Column(type, 1, std::move(values)), true);
}

std::string literal_text(const Column& value) {
  std::string out;
  for (int64_t i = 0; i < std::min<int64_t>(value.length(), 5); ++i) {
    if (i > 0) out += ", ";
    if (!value.is_valid(i)) {
      out += "null";
    } else if (is_binary_like(value.type().id)) {
      out += message("\"", excerpt(value.strings()[i], 40), "\"");
    } else if (can_cast(value.type(), DType::kUtf8)) {
      const Column text = cast(value.slice(i, 1), DType::kUtf8, true, "explain");
      out += text.strings()[0];
    } else {
      out += message(value.values<int64_t>()[i], " ", to_string(value.type()));
    }
  }
  if (value.length() > 5) out += ", ...";
  return value.length() == 1 ? out : "[" + out + "]";
}

bool equal_literals(const Column& a, const Column& b) {
  if (a.type() != b.type() || a.length() != b.length()) return false;
  for (int64_t i = 0; i < a.length(); ++i) {
    if (a.is_valid(i) != b.is_valid(i)) return false;
    if (!a.is_valid(i)) continue;
    if (is_binary_like(a.type().id)) {
      if (a.strings()[i] != b.strings()[i]) return false;
    } else if (a.type().id == DType::kBool) {
      if (a.bit(i) != b.bit(i)) return false;
    } else {
      const size_t width = byte_width(a.type().id);
      const auto at = [&](const Column& c) {
        return c.values_buffer().data() + static_cast<size_t>(c.offset() + i) * width;
      };
      if (std::memcmp(at(a), at(b), width) != 0) return false;
    }
  }
  return true;
}

}  // namespace

std::string to_string(ExprOp op) { return info(op).symbol ? info(op).symbol : info(op).name; }

ExprPtr column(std::string name) {
  Expr out;
  out.op = ExprOp::kColumn;
  out.name = std::move(name);
  return std::make_shared<Expr>(std::move(out));
}

ExprPtr literal(Column value, bool weak) {
  Expr out;
  out.op = ExprOp::kLiteral;
  out.type = value.type();
  out.value = std::move(value);
  out.weak = weak;
  return std::make_shared<Expr>(std::move(out));
}

ExprPtr literal(int64_t value) { return fixed_literal(DType::kInt64, value); }
ExprPtr literal(double value) { return fixed_literal(DType::kFloat64, value); }
ExprPtr literal(bool value) { return fixed_literal(DType::kBool, static_cast<uint8_t>(value)); }

ExprPtr literal(const std::string& value) {
  Buffer offsets = Buffer::zeros(8);
  offsets.mutable_as<int32_t>()[1] = static_cast<int32_t>(value.size());
  Buffer bytes = Buffer::allocate(value.size());
  if (!value.empty()) std::memcpy(bytes.mutable_data(), value.data(), value.size());
  return literal(Column::strings(DType::kUtf8, 1, std::move(offsets), std::move(bytes)), true);
}

namespace {

/// A node over its inputs, whose tree is not too large to walk.
ExprPtr finish(Expr node, const char* function) {
  for (const ExprPtr& input : node.inputs) {
    node.depth = std::max(node.depth, input->depth + 1);
    node.nodes += input->nodes;
  }
  if (node.depth > kMaxDepth)
    throw ArgumentError(message(function, ": expected an expression of at most ", kMaxDepth,
                                " levels; compute a part of it by with_columns first, or use "
                                "is_in for many comparisons"));
  if (node.nodes > kMaxNodes)
    throw ArgumentError(message(function, ": expected an expression of at most ", kMaxNodes,
                                " parts; compute one that is used often by with_columns first"));
  return std::make_shared<Expr>(std::move(node));
}

}  // namespace

ExprPtr cast(ExprPtr input, DataType type, bool strict) {
  Expr out;
  out.op = ExprOp::kCast;
  out.inputs.push_back(std::move(input));
  out.type = std::move(type);
  out.strict = strict;
  return finish(std::move(out), "cast");
}

ExprPtr apply(ExprOp op, std::vector<ExprPtr> inputs, std::string name) {
  const int expected = info(op).inputs;
  if (expected >= 0 ? static_cast<int>(inputs.size()) != expected : inputs.empty())
    throw ArgumentError(message(info(op).name, ": expected ", expected < 0 ? 1 : expected,
                                " inputs, got ", inputs.size()));
  Expr out;
  out.op = op;
  out.inputs = std::move(inputs);
  out.name = std::move(name);
  return finish(std::move(out), info(op).name);
}

ExprOp parse_op(const std::string& name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kOps.size(); ++i) {
    if (name == kOps[i].name) return static_cast<ExprOp>(i);
    names.emplace_back(kOps[i].name);
  }
  throw ArgumentError(message("expr: no operation", describe_unknown(name, names)));
}

namespace {

/// What has no inputs. Apart from the recursion, whose frames it would make large.
[[gnu::noinline]] void append_leaf(const Expr& expr, std::string& out) {
  out +=
      expr.op == ExprOp::kColumn ? message("col(\"", expr.name, "\")") : literal_text(expr.value);
}

/// What a call has behind its inputs.
[[gnu::noinline]] void append_options(const Expr& expr, std::string& out) {
  if (expr.op == ExprOp::kCast) out += ", " + to_string(expr.type);
  if (!expr.name.empty()) out += ", \"" + expr.name + "\"";
}

void append_expr(const Expr& expr, std::string& out) {
  if (expr.inputs.empty()) return append_leaf(expr, out);
  const OpInfo& op = info(expr.op);
  if (op.symbol == nullptr) out += op.name;
  out += '(';
  for (size_t i = 0; i < expr.inputs.size(); ++i) {
    if (i > 0 && op.symbol == nullptr) out += ", ";
    if (i > 0 && op.symbol != nullptr) out.append(1, ' ').append(op.symbol).append(1, ' ');
    append_expr(*expr.inputs[i], out);
  }
  append_options(expr, out);
  out += ')';
}

}  // namespace

std::string to_string(const Expr& expr) {
  std::string out;
  append_expr(expr, out);
  return out;
}

bool equal(const Expr& a, const Expr& b) {
  if (&a == &b) return true;
  if (a.op != b.op || a.name != b.name || a.type != b.type || a.weak != b.weak ||
      a.strict != b.strict || a.inputs.size() != b.inputs.size())
    return false;
  if (a.op == ExprOp::kLiteral && !equal_literals(a.value, b.value)) return false;
  for (size_t i = 0; i < a.inputs.size(); ++i)
    if (!equal(*a.inputs[i], *b.inputs[i])) return false;
  return true;
}

void referenced_columns(const Expr& expr, std::vector<std::string>& out) {
  if (expr.op == ExprOp::kColumn && std::find(out.begin(), out.end(), expr.name) == out.end())
    out.push_back(expr.name);
  for (const ExprPtr& input : expr.inputs) referenced_columns(*input, out);
}

}  // namespace cne::frame
