#pragma once

#include "core/column.h"

namespace cne::frame {

/// Whether a cast between the types exists: numbers, bools and text among each other, times with
/// text and integers, dates with timestamps, text with binary.
bool can_cast(const DataType& from, const DataType& to);

/// The values as another type. Integers that do not fit, floats that are not whole when cast to
/// integers are cut towards zero, NaN and infinity do not fit, text must read as the type (numbers
/// as in JSON, "true"/"false", ISO 8601 times). What does not fit is an ArgumentError that names
/// the value when `strict`, else null. Timestamps with a zone are read and written as UTC; going to
/// a coarser unit rounds down.
/// Throws TypeError when can_cast is false; both name `function`.
Column cast(const Column& input, const DataType& to, bool strict, const char* function);

}  // namespace cne::frame
