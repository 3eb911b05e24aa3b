#pragma once

#include <cstdint>
#include <vector>

#include "core/table.h"

namespace cne::frame {

struct SortKey {
  Column column;
  bool descending = false;
};

/// The rows of the keys' columns in sorted order: by the first key, ties by the next, then by row
/// (the sort is stable). NaN comes after all numbers and null after that, in both directions; text
/// goes by code points. Throws TypeError naming `function` for lists and structs.
///
/// Radix sort over 64-bit images of the keys, least key first; texts by their first eight bytes,
/// then by comparison where these are equal.
std::vector<int64_t> sort_rows(const std::vector<SortKey>& keys, int64_t n, const char* function);

}  // namespace cne::frame
