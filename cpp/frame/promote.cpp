#include "frame/promote.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "frame/dispatch.h"

namespace cne::frame {

namespace {

DType signed_of_width(size_t bytes) {
  switch (bytes) {
    case 1:
      return DType::kInt8;
    case 2:
      return DType::kInt16;
    case 4:
      return DType::kInt32;
    default:
      return DType::kInt64;
  }
}

DType common_number(DType a, DType b) {
  if (a == b) return a;
  if (is_floating(a) && is_floating(b)) return DType::kFloat64;
  if (is_floating(b)) std::swap(a, b);
  if (is_floating(a))
    return a == DType::kFloat32 && byte_width(b) <= 2 ? DType::kFloat32 : DType::kFloat64;
  if (is_signed_integer(a) == is_signed_integer(b)) return byte_width(a) >= byte_width(b) ? a : b;
  if (is_signed_integer(b)) std::swap(a, b);
  if (byte_width(a) > byte_width(b)) return a;
  if (b == DType::kUInt64) return DType::kFloat64;
  return signed_of_width(byte_width(b) * 2);
}

/// Whether a weak integer literal keeps its value in an integer type.
bool fits(const Expr& literal, DType id) {
  const int64_t value = literal.value.values<int64_t>()[0];
  return visit_fixed(id, [&](auto tag) {
    using T = decltype(tag);
    if constexpr (std::is_floating_point_v<T>) {
      return true;
    } else {
      if constexpr (std::is_same_v<T, uint64_t>) return value >= 0;
      return value >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
             (sizeof(T) == 8 || value <= static_cast<int64_t>(std::numeric_limits<T>::max()));
    }
  });
}

/// The type that a weak literal takes beside `other`, or its own.
DataType weak_type(const Side& side, const DataType& other) {
  const DType id = side.type.id;
  if (side.weak == nullptr || !side.weak->value.is_valid(0)) return side.type;
  if (id == DType::kInt64 && is_integer(other.id) && fits(*side.weak, other.id)) return other;
  if (id == DType::kInt64 && is_floating(other.id)) return other;
  if (id == DType::kFloat64 && is_floating(other.id)) return other;
  if (is_string(id) && (other.id == DType::kDate || other.id == DType::kTimestamp)) return other;
  const auto has_unit = [](DType t) { return t == DType::kTimestamp || t == DType::kDuration; };
  if (has_unit(id) && has_unit(other.id) && other.unit < side.type.unit) {
    const int64_t parts = ticks_per_second(side.type.unit) / ticks_per_second(other.unit);
    DataType coarse = side.type;
    coarse.unit = other.unit;
    if (side.weak->value.values<int64_t>()[0] % parts == 0) return coarse;
  }
  return side.type;
}

bool is_null_literal(const Side& side) {
  return side.weak != nullptr && !side.weak->value.is_valid(0);
}

DataType common_time(const DataType& a, const DataType& b, const char* function) {
  const bool duration = a.id == DType::kDuration;
  if (duration != (b.id == DType::kDuration))
    throw TypeError(
        message(function, ": ", to_string(a), " and ", to_string(b), " cannot be compared"));
  if (duration) return DataType::duration(std::max(a.unit, b.unit));
  if (a.id == DType::kDate && b.id == DType::kDate) return DType::kDate;
  if (a.id == DType::kDate) return b;
  if (b.id == DType::kDate) return a;
  if (a.zone.empty() != b.zone.empty())
    throw TypeError(message(function, ": ", to_string(a), " and ", to_string(b),
                            " do not mix; give both a zone, or neither"));
  return DataType::timestamp(std::max(a.unit, b.unit), a.zone == b.zone ? a.zone : "UTC");
}

[[noreturn]] void throw_no_arithmetic(ExprOp op, const DataType& a, const DataType& b,
                                      const char* function) {
  throw TypeError(message(function, ": ", to_string(op), " does not take ", to_string(a), " and ",
                          to_string(b)));
}

Promotion promote_times(ExprOp op, DataType a, DataType b, const char* function) {
  const auto as_timestamp = [](const DataType& type) {
    return type.id == DType::kDate ? DataType::timestamp(TimeUnit::kSecond) : type;
  };
  const DataType left = a;
  const DataType right = b;
  a = as_timestamp(a);
  b = as_timestamp(b);
  const bool a_stamp = a.id == DType::kTimestamp;
  const bool b_stamp = b.id == DType::kTimestamp;
  const bool a_span = a.id == DType::kDuration;
  const bool b_span = b.id == DType::kDuration;
  const TimeUnit unit = is_temporal(a.id) && is_temporal(b.id) ? std::max(a.unit, b.unit)
                        : a_span                               ? a.unit
                                                               : b.unit;
  const DataType span = DataType::duration(unit);
  if (op == ExprOp::kSubtract && a_stamp && b_stamp) {
    const DataType both = common_time(a, b, function);
    return {both, both, span};
  }
  if ((op == ExprOp::kAdd || op == ExprOp::kSubtract) && a_stamp && b_span) {
    const DataType stamp = DataType::timestamp(unit, a.zone);
    return {stamp, span, stamp};
  }
  if (op == ExprOp::kAdd && a_span && b_stamp) {
    const DataType stamp = DataType::timestamp(unit, b.zone);
    return {span, stamp, stamp};
  }
  if (a_span && b_span) {
    if (op == ExprOp::kDivide) return {span, span, DType::kFloat64};
    if (op == ExprOp::kFloorDivide) return {span, span, DType::kInt64};
    if (op != ExprOp::kMultiply) return {span, span, span};
  }
  if (op == ExprOp::kMultiply && a_span && is_integer(b.id)) return {a, DType::kInt64, span};
  if (op == ExprOp::kMultiply && b_span && is_integer(a.id)) return {DType::kInt64, b, span};
  if (op == ExprOp::kFloorDivide && a_span && is_integer(b.id)) return {a, DType::kInt64, span};
  throw_no_arithmetic(op, left, right, function);
}

}  // namespace

DataType common_type(const Side& left, const Side& right, const char* function) {
  if (is_null_literal(left)) return right.type;
  if (is_null_literal(right)) return left.type;
  const DataType a = weak_type(left, right.type);
  const DataType b = weak_type(right, left.type);
  if (a == b) return a;
  if (is_numeric(a.id) && is_numeric(b.id)) return common_number(a.id, b.id);
  if (a.id == DType::kBool && is_numeric(b.id)) return b;
  if (b.id == DType::kBool && is_numeric(a.id)) return a;
  if (is_binary_like(a.id) && is_binary_like(b.id) && is_string(a.id) == is_string(b.id))
    return is_large(a.id) ? a : b;
  if (is_temporal(a.id) && is_temporal(b.id)) return common_time(a, b, function);
  throw TypeError(
      message(function, ": ", to_string(a), " and ", to_string(b), " have no common type"));
}

DataType member_type(const Side& input, const Expr& list, const char* function) {
  const DataType& a = input.type;
  const DataType& b = list.value.type();
  if (list.value.null_count() == list.value.length()) return a;
  if (is_null_literal(input)) return b;
  if (is_integer(a.id) && is_integer(b.id)) return a;
  if (list.weak && is_floating(a.id) && (b.id == DType::kInt64 || b.id == DType::kFloat64))
    return a;
  if (list.weak && is_string(b.id) && (a.id == DType::kDate || a.id == DType::kTimestamp)) return a;
  const DataType both = common_type(input, {b}, function);
  return a.id == b.id && is_temporal(a.id) ? a : both;
}

Promotion promote_arithmetic(ExprOp op, const Side& left, const Side& right, const char* function) {
  DataType a = is_null_literal(left) ? right.type : weak_type(left, right.type);
  DataType b = is_null_literal(right) ? left.type : weak_type(right, left.type);
  if (is_temporal(a.id) || is_temporal(b.id)) return promote_times(op, a, b, function);
  if (a.id == DType::kBool && b.id == DType::kBool) a = b = DType::kInt64;
  if (a.id == DType::kBool) a = b;
  if (b.id == DType::kBool) b = a;
  if (!is_numeric(a.id) || !is_numeric(b.id))
    throw_no_arithmetic(op, left.type, right.type, function);
  DataType both = common_number(a.id, b.id);
  if (op == ExprOp::kDivide && is_integer(both.id)) both = DType::kFloat64;
  return {both, both, both};
}

}  // namespace cne::frame
