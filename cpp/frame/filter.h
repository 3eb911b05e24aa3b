#pragma once

#include <cstdint>
#include <vector>

#include "core/table.h"

namespace cne::frame {

/// The rows where a bool column is true; null is not.
std::vector<int64_t> selected_rows(const Column& mask);

/// These rows of a table, in order; the table itself when all are selected.
Table filter(const Table& table, const Column& mask);

}  // namespace cne::frame
