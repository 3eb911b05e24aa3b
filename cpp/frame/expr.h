#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/table.h"

namespace cne::frame {

/// What a node of an expression computes from its inputs. Types and nulls: cpp/frame/README.md.
enum class ExprOp : uint8_t {
  kColumn,   // `name`
  kLiteral,  // `value`, one element
  kCast,     // to `type`
  // Numbers; + and - also take times.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kNegate,
  kAbs,
  kSqrt,
  kExp,
  kLog,
  kFloor,
  kCeil,
  kRound,
  // Comparisons; null when a side is null.
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  // Booleans by Kleene's logic, tests that are never null.
  kAnd,
  kOr,
  kXor,
  kNot,
  kIsNull,
  kIsNotNull,
  kIsNan,
  // Choice.
  kIfElse,    // condition, then, otherwise; a null condition takes otherwise
  kCoalesce,  // the first input that is not null
  kIsIn,      // input, a literal of many elements
  // Text.
  kLength,
  kLower,
  kUpper,
  kStartsWith,
  kEndsWith,
  kContains,
  kConcat,
  // Parts of a date or timestamp, in its zone.
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kWeekday,  // Monday is 1, Sunday 7
  kYearDay,
  kTruncate,   // down to a multiple of the duration that the second input is
  kToZone,     // the same instant shown in the zone `name`
  kFromLocal,  // a wall-clock time without zone, read in the zone `name`
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

/// A node of an expression: a value that is never changed, so trees may share nodes and be
/// evaluated from any thread.
struct Expr {
  ExprOp op = ExprOp::kLiteral;
  std::vector<ExprPtr> inputs;
  std::string name;
  DataType type;
  Column value;
  /// A literal without a type of its own (a Python number): takes that of the other side.
  bool weak = false;
  /// kCast: a value that does not fit is an error, not a null.
  bool strict = true;
  /// The levels of the tree, and its nodes counted as often as they are reached.
  int32_t depth = 1;
  int64_t nodes = 1;
};

/// Trees are walked by recursion, so their depth is bounded; and a node that is shared is walked as
/// often as it is reached, so their size is.
inline constexpr int32_t kMaxDepth = 2000;
inline constexpr int64_t kMaxNodes = 1'000'000;

ExprPtr column(std::string name);
ExprPtr literal(Column value, bool weak = false);
ExprPtr literal(int64_t value);
ExprPtr literal(double value);
ExprPtr literal(bool value);
ExprPtr literal(const std::string& value);
ExprPtr cast(ExprPtr input, DataType type, bool strict = true);
/// Any other node; `name` is the zone of kToZone and kFromLocal. Throws ArgumentError when the
/// number of inputs is wrong, and (as `cast` does) for a tree over kMaxDepth or kMaxNodes.
ExprPtr apply(ExprOp op, std::vector<ExprPtr> inputs, std::string name = {});

/// The operation of a name such as "add" or "is_null". Throws ArgumentError.
ExprOp parse_op(const std::string& name);
/// The sign or name of an operation, for messages.
std::string to_string(ExprOp op);
/// As people write it: `(col("a") + 1) > 3`.
std::string to_string(const Expr& expr);
/// Whether two trees are the same.
bool equal(const Expr& a, const Expr& b);
/// Adds the columns that it reads to `out`, each once.
void referenced_columns(const Expr& expr, std::vector<std::string>& out);

/// The type of the result. Throws NotFoundError for an unknown column (with the nearest name) and
/// TypeError where an operation does not take its inputs, naming `function`.
DataType infer_type(const Expr& expr, const Schema& schema, const char* function);

/// The value for every row of `table`, which has `table.rows()` elements.
/// Throws as infer_type does.
Column evaluate(const Expr& expr, const Table& table, const char* function = "evaluate");

}  // namespace cne::frame
