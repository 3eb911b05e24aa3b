#include "frame/datetime.h"

#include <utility>

#include "core/error.h"
#include "frame/bits.h"
#include "frame/calendar.h"
#include "frame/time_zone.h"

namespace cne::frame {

namespace {

template <typename F>
Column map_times(const Column& input, DataType type, const F& f) {
  Buffer values = Buffer::allocate(static_cast<size_t>(input.length()) * 8);
  auto* out = values.mutable_as<int64_t>();
  if (input.type().id == DType::kDate) {
    const int32_t* days = input.values<int32_t>();
    for (int64_t i = 0; i < input.length(); ++i) out[i] = f(days[i]);
  } else {
    const int64_t* ticks = input.values<int64_t>();
    for (int64_t i = 0; i < input.length(); ++i) out[i] = f(ticks[i]);
  }
  return Column(std::move(type), input.length(), std::move(values), validity_from_zero(input));
}

int64_t part_of_day(ExprOp op, int64_t second) {
  switch (op) {
    case ExprOp::kHour:
      return second / 3600;
    case ExprOp::kMinute:
      return second / 60 % 60;
    default:
      return second % 60;
  }
}

int64_t part_of_date(ExprOp op, int64_t days) {
  if (op == ExprOp::kWeekday) return floor_mod(days + 3, 7) + 1;
  const Day day = civil_from_days(days);
  switch (op) {
    case ExprOp::kYear:
      return day.year;
    case ExprOp::kMonth:
      return day.month;
    case ExprOp::kDay:
      return day.day;
    default:
      return days - days_from_civil(day.year, 1, 1) + 1;
  }
}

bool is_clock_part(ExprOp op) {
  return op == ExprOp::kHour || op == ExprOp::kMinute || op == ExprOp::kSecond;
}

}  // namespace

Column datetime_part(ExprOp op, const Column& input, const char* function) {
  if (input.type().id == DType::kDate)
    return map_times(input, DType::kInt64,
                     [&](int64_t days) { return is_clock_part(op) ? 0 : part_of_date(op, days); });
  const TimeZone& zone = find_zone(input.type().zone, function);
  const bool utc = zone.is_utc();
  const int64_t per_second = ticks_per_second(input.type().unit);
  return map_times(input, DType::kInt64, [&](int64_t ticks) {
    int64_t seconds = floor_div(ticks, per_second);
    if (!utc) seconds += zone.offset_at(seconds);
    if (is_clock_part(op)) return part_of_day(op, floor_mod(seconds, 86400));
    return part_of_date(op, floor_div(seconds, 86400));
  });
}

Column truncate_time(const Column& input, int64_t ticks, const char* function) {
  if (ticks <= 0)
    throw ArgumentError(message(function, ": truncate expects a duration of at least one ",
                                to_string(input.type()), " tick"));
  const TimeZone& zone = find_zone(input.type().zone, function);
  const bool utc = zone.is_utc();
  const int64_t per_second = ticks_per_second(input.type().unit);
  return map_times(input, input.type(), [&](int64_t at) {
    const int64_t shift = utc ? 0 : zone.offset_at(floor_div(at, per_second)) * per_second;
    return at - floor_mod(at + shift, ticks);
  });
}

Column from_local(const Column& input, const std::string& name, const char* function) {
  const TimeZone& zone = find_zone(name, function);
  const int64_t per_second = ticks_per_second(input.type().unit);
  return map_times(input, DataType::timestamp(input.type().unit, name), [&](int64_t at) {
    const int64_t seconds = floor_div(at, per_second);
    return zone.to_utc(seconds) * per_second + floor_mod(at, per_second);
  });
}

}  // namespace cne::frame
