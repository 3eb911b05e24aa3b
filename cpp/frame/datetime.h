#pragma once

#include "frame/expr.h"

namespace cne::frame {

/// A part of each date or timestamp as int64: year, month, day, hour, minute, second, weekday
/// (Monday 1 to Sunday 7), year_day (from 1). Timestamps with a zone give the parts of its wall
/// clock.
Column datetime_part(ExprOp op, const Column& input, const char* function);

/// Down to a multiple of `ticks` (in the unit of the input) since 1970-01-01T00:00 of its zone.
Column truncate_time(const Column& input, int64_t ticks, const char* function);

/// A timestamp without zone is a wall-clock time in `zone`; gives the instant. A time that the
/// clocks skip is read with the offset before the gap, one that comes twice is the earlier.
Column from_local(const Column& input, const std::string& zone, const char* function);

}  // namespace cne::frame
