#pragma once

#include <cstdint>
#include <string>

#include "core/column.h"
#include "core/dtype.h"

namespace cne::feature {

/// The column as `type` (canonical). Integers become any integer type that holds their values and
/// any float; floats any float; timestamps any unit that holds them exactly; a column of nulls
/// anything. Throws TypeError for other pairs and ArgumentError for a value that does not fit, both
/// with `function`, `what` (such as `feature "x" of view "v"`) and the row.
Column coerce(const Column& column, const DataType& type, const char* function,
              const std::string& what);

/// Times in nanoseconds since 1970 UTC (int64, no nulls) from a timestamp of any unit and zone or a
/// date (its midnight UTC). Throws TypeError for other types, ArgumentError for a null and for a
/// time outside 1677-09-21 to 2262-04-11, with the row.
Column times_ns(const Column& column, const char* function, const std::string& what);

}  // namespace cne::feature
