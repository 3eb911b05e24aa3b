#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/dtype.h"

namespace cne::frame {

/// a / b rounded down; b > 0.
inline int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && a < 0); }
inline int64_t floor_mod(int64_t a, int64_t b) { return a % b < 0 ? a % b + b : a % b; }

/// A day of the proleptic Gregorian calendar.
struct Day {
  int64_t year;
  int month;  // 1 to 12
  int day;    // 1 to 31
};

/// Days since 1970-01-01. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
inline int64_t days_from_civil(int64_t y, int m, int d) {
  y -= m <= 2;
  const int64_t era = floor_div(y, 400);
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

/// The inverse; same source.
inline Day civil_from_days(int64_t z) {
  z += 719468;
  const int64_t era = floor_div(z, 146097);
  const int64_t doe = z - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int d = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  const int m = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (m <= 2), m, d};
}

inline bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
inline int days_in_month(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

/// "2013-01-31".
std::string format_date(int64_t days);
/// "2013-01-31T06:00:00", with as many digits of a second as the unit has.
std::string format_timestamp(int64_t ticks, TimeUnit unit);
/// Reads such texts whole; a space may stand for the T, "Z" or "+01:00" may end a time, which is
/// then UTC. nullopt when the text is not one, or the time does not fit the unit.
std::optional<int64_t> parse_date(std::string_view text);
std::optional<int64_t> parse_timestamp(std::string_view text, TimeUnit unit);

}  // namespace cne::frame
