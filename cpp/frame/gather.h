#pragma once

#include <cstdint>
#include <vector>

#include "core/table.h"

namespace cne::frame {

/// The elements at `rows[0 .. n)`, any type; a negative row gives a null.
Column gather(const Column& column, const int64_t* rows, int64_t n);
/// The same for every column.
Table gather(const Table& table, const int64_t* rows, int64_t n);
/// Element 0 of the column `n` times.
Column repeat(const Column& one, int64_t n);

}  // namespace cne::frame
