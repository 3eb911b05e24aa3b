#include "feature/coerce.h"

#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/error.h"

namespace cne::feature {

namespace {

/// Calls `body` with a value of the C++ type of a number's id.
template <typename Body>
void with_number(DType id, Body&& body) {
  switch (id) {
    case DType::kInt8:
      return body(int8_t{});
    case DType::kInt16:
      return body(int16_t{});
    case DType::kInt32:
      return body(int32_t{});
    case DType::kInt64:
      return body(int64_t{});
    case DType::kUInt8:
      return body(uint8_t{});
    case DType::kUInt16:
      return body(uint16_t{});
    case DType::kUInt32:
      return body(uint32_t{});
    case DType::kUInt64:
      return body(uint64_t{});
    case DType::kFloat32:
      return body(float{});
    default:
      return body(double{});
  }
}

Buffer copy_validity(const Column& column) {
  if (!column.may_have_nulls()) return {};
  Buffer out = Buffer::zeros((column.length() + 7) / 8);
  for (int64_t i = 0; i < column.length(); ++i)
    if (column.is_valid(i)) set_bit(out.mutable_data(), i);
  return out;
}

template <typename From, typename To>
bool fits(From value) {
  if constexpr (std::is_floating_point_v<To>) return true;
  if constexpr (std::is_floating_point_v<From>)
    return std::is_floating_point_v<To>;
  else if constexpr (std::is_integral_v<To>)
    return std::in_range<To>(value);
  return true;
}

Column convert_numbers(const Column& column, const DataType& type, const char* function,
                       const std::string& what) {
  Buffer values = Buffer::allocate(column.length() * byte_width(type.id));
  with_number(column.type().id, [&](auto from) {
    using From = decltype(from);
    const From* in = column.values<From>();
    with_number(type.id, [&](auto to) {
      using To = decltype(to);
      auto* out = values.mutable_as<To>();
      for (int64_t i = 0; i < column.length(); ++i) {
        if (!fits<From, To>(in[i]) && column.is_valid(i))
          throw ArgumentError(message(function, ": expected values of ", to_string(type), " for ",
                                      what, ", got ", in[i], " in row ", i));
        out[i] = fits<From, To>(in[i]) ? static_cast<To>(in[i]) : To{};
      }
    });
  });
  return Column(type, column.length(), std::move(values), copy_validity(column));
}

Column convert_times(const Column& column, const DataType& type, const char* function,
                     const std::string& what) {
  const int64_t to = ticks_per_second(type.unit);
  const int64_t from = ticks_per_second(column.type().unit);
  const int64_t multiply = to > from ? to / from : 1;
  const int64_t divide = from > to ? from / to : 1;
  Buffer values = Buffer::allocate(column.length() * 8);
  const int64_t* in = column.values<int64_t>();
  for (int64_t i = 0; i < column.length(); ++i) {
    int64_t scaled = 0;
    if (column.is_valid(i) &&
        (in[i] % divide != 0 || __builtin_mul_overflow(in[i] / divide, multiply, &scaled)))
      throw ArgumentError(message(function, ": expected times that ", to_string(type),
                                  " holds exactly for ", what, ", got ", in[i], " of ",
                                  to_string(column.type()), " in row ", i));
    values.mutable_as<int64_t>()[i] = scaled;
  }
  return Column(type, column.length(), std::move(values), copy_validity(column));
}

Column narrow_text(const Column& column, const char* function, const std::string& what) {
  const StringView strings = column.strings();
  const int64_t first = strings.start(0);
  if (strings.start(column.length()) - first > std::numeric_limits<int32_t>::max())
    throw ArgumentError(message(function, ": expected at most 2 GiB of text for ", what));
  Buffer offsets = Buffer::allocate((column.length() + 1) * 4);
  for (int64_t i = 0; i <= column.length(); ++i)
    offsets.mutable_as<int32_t>()[i] = static_cast<int32_t>(strings.start(i) - first);
  const Buffer& all = column.values_buffer();
  Buffer bytes = all.slice(first, strings.start(column.length()) - first);
  return Column::strings(DType::kUtf8, column.length(), std::move(offsets), std::move(bytes),
                         copy_validity(column));
}

}  // namespace

Column coerce(const Column& column, const DataType& type, const char* function,
              const std::string& what) {
  const DType from = column.type().id;
  if (from == DType::kTimestamp && type.id == DType::kTimestamp)
    return column.type().unit == type.unit ? column.with_type(type)
                                           : convert_times(column, type, function, what);
  if (from == type.id) return column;
  if (type.id == DType::kUtf8 && is_string(from)) return narrow_text(column, function, what);
  if ((is_integer(from) && is_numeric(type.id)) || (is_floating(from) && is_floating(type.id)))
    return convert_numbers(column, type, function, what);
  if (column.null_count() == column.length()) return Column::nulls(type, column.length());
  throw TypeError(message(function, ": expected ", to_string(type), " for ", what, ", got ",
                          to_string(column.type())));
}

Column times_ns(const Column& column, const char* function, const std::string& what) {
  const bool date = column.type().id == DType::kDate;
  if (!date && column.type().id != DType::kTimestamp)
    throw TypeError(message(function, ": expected a timestamp or date for ", what, ", got ",
                            to_string(column.type())));
  const int64_t multiply =
      date ? 86'400'000'000'000 : 1'000'000'000 / ticks_per_second(column.type().unit);
  Buffer out = Buffer::allocate(column.length() * 8);
  for (int64_t i = 0; i < column.length(); ++i) {
    if (!column.is_valid(i))
      throw ArgumentError(
          message(function, ": expected a time in every row of ", what, ", got null in row ", i));
    const int64_t value = date ? column.values<int32_t>()[i] : column.values<int64_t>()[i];
    if (__builtin_mul_overflow(value, multiply, out.mutable_as<int64_t>() + i))
      throw ArgumentError(message(function, ": expected times from 1677-09-21 to 2262-04-11 in ",
                                  what, ", got ", value, " of ", to_string(column.type()),
                                  " in row ", i));
  }
  return Column(DType::kInt64, column.length(), std::move(out));
}

}  // namespace cne::feature
