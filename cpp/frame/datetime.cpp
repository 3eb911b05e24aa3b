#include "frame/datetime.h"

#include <cstdint>
#include <string>
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
    const int64_t seconds = floor_div(ticks, per_second);
    // The offset is added to the second of the day, where it always fits.
    const int64_t of_day = floor_mod(seconds, 86400) + (utc ? 0 : zone.offset_at(seconds));
    if (is_clock_part(op)) return part_of_day(op, floor_mod(of_day, 86400));
    return part_of_date(op, floor_div(seconds, 86400) + floor_div(of_day, 86400));
  });
}

namespace {

/// Seconds to and from which a day can be counted without running over.
constexpr int64_t kFarSecond = int64_t{1} << 62;
bool is_far(int64_t second) { return second > kFarSecond || second < -kFarSecond; }

/// The element a map could not give a value for.
[[noreturn]] void throw_no_time(const Column& input, int64_t row, const char* function,
                                const char* what) {
  const int64_t ticks =
      input.type().id == DType::kDate ? input.values<int32_t>()[row] : input.values<int64_t>()[row];
  throw ArgumentError(message(function, ": ", what, " of ", ticks, " ", to_string(input.type()),
                              " does not fit into this type"));
}

/// `out[i] = f(in[i], out)` for the valid rows, where f returns whether there is a value.
template <typename T, typename F>
Column map_valid(const Column& input, DataType type, const char* function, const char* what,
                 const F& f) {
  Buffer values = Buffer::zeros(static_cast<size_t>(input.length()) * sizeof(T));
  T* out = values.mutable_as<T>();
  const T* in = input.values<T>();
  for (int64_t i = 0; i < input.length(); ++i) {
    int64_t value = 0;
    if (!input.is_valid(i)) continue;
    if (!f(in[i], &value) || !std::in_range<T>(value)) throw_no_time(input, i, function, what);
    out[i] = static_cast<T>(value);
  }
  return Column(std::move(type), input.length(), std::move(values), validity_from_zero(input));
}

/// Multiples of a number of ticks, of which one is at `origin`.
struct Grid {
  int64_t ticks;
  int64_t origin;

  /// How far a wall-clock time `at + shift` lies behind the multiple before it.
  int64_t past(int64_t at, int64_t shift) const {
    const auto size = static_cast<uint64_t>(ticks);
    uint64_t rest = static_cast<uint64_t>(floor_mod(at, ticks)) +
                    static_cast<uint64_t>(floor_mod(shift - origin, ticks));
    if (rest >= size) rest -= size;
    return static_cast<int64_t>(rest);
  }
};

/// The grid of a step in a unit of `per_day` ticks a day.
Grid make_grid(const DataType& input, const Column& step, const char* function) {
  const bool date = input.id == DType::kDate;
  const __int128 value = step.values<int64_t>()[0];
  const int64_t in_day = ticks_per_second(step.type().unit) * 86400;
  const int64_t per_day = date ? 1 : ticks_per_second(input.unit) * 86400;
  const __int128 ticks = value * per_day / in_day;
  if (ticks <= 0 || ticks > INT64_MAX || ticks * in_day != value * per_day)
    throw ArgumentError(message(function, ": truncate expects a whole number of ",
                                date ? "days" : to_string(input) + " ticks", ", got ",
                                step.values<int64_t>()[0], " ", to_string(step.type())));
  const auto size = static_cast<int64_t>(ticks);
  return {size, size % (7 * per_day) == 0 ? 4 * per_day : 0};
}

}  // namespace

Column truncate_time(const Column& input, const Column& step, const char* function) {
  const Grid grid = make_grid(input.type(), step, function);
  const char* what = "the multiple before";
  const auto plain = [&](int64_t at, int64_t* out) {
    return !__builtin_sub_overflow(at, grid.past(at, 0), out);
  };
  if (input.type().id == DType::kDate)
    return map_valid<int32_t>(input, input.type(), function, what, plain);
  const TimeZone& zone = find_zone(input.type().zone, function);
  if (zone.is_utc()) return map_valid<int64_t>(input, input.type(), function, what, plain);
  const int64_t per_second = ticks_per_second(input.type().unit);
  return map_valid<int64_t>(input, input.type(), function, what, [&](int64_t at, int64_t* out) {
    const int64_t offset = zone.offset_at(floor_div(at, per_second));
    if (__builtin_sub_overflow(at, grid.past(at, offset * per_second), out)) return false;
    const int64_t second = floor_div(*out, per_second);
    if (is_far(second)) return false;
    if (zone.offset_at(second) == offset) return true;
    // The clocks were changed in between: the multiple is looked up by its wall-clock time.
    const int64_t start = zone.first_instant(second + offset);
    const bool skipped = start + zone.offset_at(start) != second + offset;
    const int64_t rest = skipped ? 0 : floor_mod(*out, per_second);
    return !__builtin_mul_overflow(start, per_second, out) &&
           !__builtin_add_overflow(*out, rest, out);
  });
}

Column from_local(const Column& input, const std::string& name, const char* function) {
  const TimeZone& zone = find_zone(name, function);
  const int64_t per_second = ticks_per_second(input.type().unit);
  return map_valid<int64_t>(input, DataType::timestamp(input.type().unit, name), function,
                            "the instant", [&](int64_t at, int64_t* out) {
                              const int64_t second = floor_div(at, per_second);
                              if (is_far(second)) return false;
                              const int64_t shift = (zone.to_utc(second) - second) * per_second;
                              return !__builtin_add_overflow(at, shift, out);
                            });
}

}  // namespace cne::frame
