#pragma once

#include <cstdint>
#include <string_view>

#include "core/dtype.h"

namespace cne {

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
/// Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
constexpr int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/// Reads "2013-01-31" as days since 1970-01-01. False when the text is anything else.
bool parse_iso_date(std::string_view text, int32_t* days);

/// Reads an ISO 8601 instant in ticks of `unit` since 1970-01-01T00:00:00 UTC:
/// "2013-01-31", "2013-01-31T23:59", "2013-01-31 23:59:59.123456789Z", "...+05:30", "...-0800".
/// Without a zone it is UTC; digits finer than the unit are cut off (towards the past).
/// False when the text is anything else or does not fit into 64 bits.
bool parse_iso_timestamp(std::string_view text, TimeUnit unit, int64_t* ticks);

}  // namespace cne
