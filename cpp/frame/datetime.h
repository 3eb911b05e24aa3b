#pragma once

#include "frame/expr.h"

namespace cne::frame {

/// A part of each date or timestamp as int64: year, month, day, hour, minute, second, weekday
/// (Monday 1 to Sunday 7), year_day (from 1). Timestamps with a zone give the parts of its wall
/// clock.
Column datetime_part(ExprOp op, const Column& input, const char* function);

/// Each date or timestamp down to a multiple of the duration `step` (one element; dates take whole
/// days) on the wall clock of its zone. Multiples are counted from 1970-01-01T00:00; whole weeks
/// from Monday 1970-01-05. Of a wall-clock time that comes twice it is the one at or before the
/// input, of one that the clocks skip the moment of the change. Throws ArgumentError where `step`
/// is no whole number of ticks, and for a time whose multiple does not fit the type.
Column truncate_time(const Column& input, const Column& step, const char* function);

/// A timestamp without zone is a wall-clock time in `zone`; gives the instant. A time that the
/// clocks skip is read with the offset before the gap, one that comes twice is the earlier. Throws
/// ArgumentError for an instant that does not fit the type.
Column from_local(const Column& input, const std::string& zone, const char* function);

}  // namespace cne::frame
