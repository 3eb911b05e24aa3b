#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/table.h"

namespace cne::frame {

enum class AsOfStrategy : uint8_t {
  kBackward,  // the last right row at or before the left time
  kForward,   // the first at or after it
  kNearest,   // the closer of both; at equal distance the earlier one
};

/// The greatest distance of a match, in the type of the times (ticks of their unit): between floats
/// the first, between integers the second, which 64 bits always hold. Nothing is near enough for a
/// NaN and for none.
struct AsOfTolerance {
  double real = std::numeric_limits<double>::infinity();
  std::optional<uint64_t> whole = std::numeric_limits<uint64_t>::max();
};

struct AsOfOptions {
  AsOfStrategy strategy = AsOfStrategy::kBackward;
  AsOfTolerance tolerance;
  bool allow_exact = true;  // false: only rows strictly before (after)
};

/// For each left row the right row that it meets, or -1. Rows meet only where all `by` columns are
/// equal; a null among them or a null or NaN time meets nothing. Of right rows with one key and one
/// time the last one counts when it is at or before the left row, the first when it is behind. No
/// side needs to be sorted. The columns of both sides must have equal types; times are int64,
/// uint64 or float64.
std::vector<int64_t> as_of_rows(const std::vector<Column>& left_by, const Column& left_on,
                                const std::vector<Column>& right_by, const Column& right_on,
                                const AsOfOptions& options, const char* function);

}  // namespace cne::frame
