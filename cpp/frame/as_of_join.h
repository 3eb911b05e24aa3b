#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/table.h"

namespace cne::frame {

enum class AsOfStrategy : uint8_t {
  kBackward,  // the last right row at or before the left time
  kForward,   // the first at or after it
  kNearest,   // the closer of both; at equal distance the earlier one
};

struct AsOfOptions {
  AsOfStrategy strategy = AsOfStrategy::kBackward;
  /// The greatest distance of a match, in the type of the times (ticks of their unit).
  std::optional<double> tolerance;
  bool allow_exact = true;  // false: only rows strictly before (after)
};

/// For each left row the right row that it meets, or -1. Rows meet only where all `by` columns are
/// equal; a null among them or a null or NaN time meets nothing. Of right rows with one key and one
/// time the last (backward, nearest) or first (forward) counts. No side needs to be sorted.
/// The columns of both sides must have equal types; times are int64 or float64.
std::vector<int64_t> as_of_rows(const std::vector<Column>& left_by, const Column& left_on,
                                const std::vector<Column>& right_by, const Column& right_on,
                                const AsOfOptions& options, const char* function);

}  // namespace cne::frame
