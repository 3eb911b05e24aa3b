#include "frame/calendar.h"

#include <cstdio>

namespace cne::frame {

namespace {

/// Reads exactly `digits` digits at the front of `text` and drops them.
bool take_number(std::string_view& text, size_t digits, int64_t& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, int64_t& days) {
  int64_t year;
  int64_t month;
  int64_t day;
  if (!take_number(text, 4, year) || !take_char(text, '-') || !take_number(text, 2, month) ||
      !take_char(text, '-') || !take_number(text, 2, day))
    return false;
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, static_cast<int>(month)))
    return false;
  days = days_from_civil(year, static_cast<int>(month), static_cast<int>(day));
  return true;
}

/// ".123456" as nanoseconds; digits beyond the ninth are dropped.
bool take_fraction(std::string_view& text, int64_t& nanos) {
  nanos = 0;
  if (!take_char(text, '.')) return true;
  size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    if (digits < 9) nanos = nanos * 10 + (text[digits] - '0');
  for (size_t i = digits; i < 9; ++i) nanos *= 10;
  text.remove_prefix(digits);
  return digits > 0;
}

/// "Z", "+hh:mm" or nothing, as seconds to subtract.
bool take_offset(std::string_view& text, int64_t& seconds) {
  seconds = 0;
  if (text.empty() || take_char(text, 'Z')) return true;
  const int64_t sign = text[0] == '-' ? -1 : 1;
  int64_t hours;
  int64_t minutes;
  if (!take_char(text, '+') && !take_char(text, '-')) return false;
  if (!take_number(text, 2, hours)) return false;
  take_char(text, ':');
  if (!take_number(text, 2, minutes) || hours > 23 || minutes > 59) return false;
  seconds = sign * (hours * 3600 + minutes * 60);
  return true;
}

}  // namespace

std::string format_date(int64_t days) {
  const Day day = civil_from_days(days);
  char out[48];
  std::snprintf(out, sizeof out, "%04lld-%02d-%02d", static_cast<long long>(day.year), day.month,
                day.day);
  return out;
}

std::string format_timestamp(int64_t ticks, TimeUnit unit) {
  const int64_t per_second = ticks_per_second(unit);
  const int64_t seconds = floor_div(ticks, per_second);
  const int64_t of_day = floor_mod(seconds, 86400);
  char time[32];
  std::snprintf(time, sizeof time, "T%02d:%02d:%02d", static_cast<int>(of_day / 3600),
                static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60));
  std::string out = format_date(floor_div(seconds, 86400)) + time;
  if (unit != TimeUnit::kSecond) {
    char fraction[32];
    std::snprintf(fraction, sizeof fraction, ".%0*lld", 3 * static_cast<int>(unit),
                  static_cast<long long>(floor_mod(ticks, per_second)));
    out += fraction;
  }
  return out;
}

std::optional<int64_t> parse_date(std::string_view text) {
  int64_t days;
  if (!take_date(text, days) || !text.empty()) return std::nullopt;
  return days;
}

std::optional<int64_t> parse_timestamp(std::string_view text, TimeUnit unit) {
  int64_t days;
  if (!take_date(text, days)) return std::nullopt;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t nanos = 0;
  int64_t offset = 0;
  if (!text.empty()) {
    if (!take_char(text, 'T') && !take_char(text, ' ')) return std::nullopt;
    if (!take_number(text, 2, hour) || !take_char(text, ':') || !take_number(text, 2, minute))
      return std::nullopt;
    if (take_char(text, ':') && (!take_number(text, 2, second) || !take_fraction(text, nanos)))
      return std::nullopt;
    if (!take_offset(text, offset) || !text.empty()) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  }
  const int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  const int64_t per_second = ticks_per_second(unit);
  int64_t out;
  if (__builtin_mul_overflow(seconds, per_second, &out)) return std::nullopt;
  if (__builtin_add_overflow(out, nanos / (1'000'000'000 / per_second), &out)) return std::nullopt;
  return out;
}

}  // namespace cne::frame
