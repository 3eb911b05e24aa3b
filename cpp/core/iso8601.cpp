#include "core/iso8601.h"

#include <array>

namespace cne {

namespace {

/// Eats text from the front; every step says whether it fitted.
struct Cursor {
  std::string_view rest;

  bool literal(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool digits(size_t count, int64_t low, int64_t high, int64_t* out) {
    if (rest.size() < count) return false;
    int64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return false;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    *out = value;
    return value >= low && value <= high;
  }
};

int64_t days_in_month(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<size_t>(month - 1)];
}

bool read_date(Cursor& at, int64_t* days) {
  int64_t year, month, day;
  if (!at.digits(4, 0, 9999, &year) || !at.literal('-') || !at.digits(2, 1, 12, &month) ||
      !at.literal('-') || !at.digits(2, 1, days_in_month(year, month), &day))
    return false;
  *days = days_from_civil(year, month, day);
  return true;
}

/// "Z", "+05", "+05:30" or "+0530" as seconds east of UTC; nothing is 0.
bool read_zone(Cursor& at, int64_t* seconds) {
  *seconds = 0;
  if (at.rest.empty() || at.literal('Z') || at.literal('z')) return true;
  const bool west = at.rest[0] == '-';
  if (!at.literal('+') && !at.literal('-')) return false;
  int64_t hours = 0, minutes = 0;
  if (!at.digits(2, 0, 23, &hours)) return false;
  if (!at.rest.empty()) {
    at.literal(':');
    if (!at.digits(2, 0, 59, &minutes)) return false;
  }
  *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

/// The digits behind the point, as nanoseconds; digits beyond the ninth are read and dropped.
bool read_fraction(Cursor& at, int64_t* nanos) {
  *nanos = 0;
  if (!at.literal('.') && !at.literal(',')) return true;
  int64_t scale = 100'000'000;
  size_t count = 0;
  for (; count < at.rest.size() && at.rest[count] >= '0' && at.rest[count] <= '9'; ++count) {
    *nanos += (at.rest[count] - '0') * scale;
    scale /= 10;
  }
  at.rest.remove_prefix(count);
  return count > 0;
}

}  // namespace

bool parse_iso_date(std::string_view text, int32_t* days) {
  Cursor at{text};
  int64_t value;
  if (!read_date(at, &value) || !at.rest.empty()) return false;
  *days = static_cast<int32_t>(value);
  return true;
}

bool parse_iso_timestamp(std::string_view text, TimeUnit unit, int64_t* ticks) {
  Cursor at{text};
  int64_t days, hour = 0, minute = 0, second = 0, nanos = 0, zone = 0;
  if (!read_date(at, &days)) return false;
  if (!at.rest.empty()) {
    if (!at.literal('T') && !at.literal(' ') && !at.literal('t')) return false;
    if (!at.digits(2, 0, 23, &hour) || !at.literal(':') || !at.digits(2, 0, 59, &minute))
      return false;
    if (at.literal(':') && (!at.digits(2, 0, 59, &second) || !read_fraction(at, &nanos)))
      return false;
    if (!read_zone(at, &zone)) return false;
  }
  if (!at.rest.empty()) return false;
  const int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - zone;
  const int64_t per_second = ticks_per_second(unit);
  return !__builtin_mul_overflow(seconds, per_second, ticks) &&
         !__builtin_add_overflow(*ticks, nanos / (1'000'000'000 / per_second), ticks);
}

}  // namespace cne
