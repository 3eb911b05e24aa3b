#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "feature/materialize.h"

namespace cne::feature {

/// Writes rows of one view, in order, to a file of kWrite records of at most 64 Ki rows, and makes
/// it durable.
void write_history_file(const std::string& path, uint32_t view,
                        const std::vector<RowBlock>& blocks);

/// Reads such a file; the blocks view it as it is mapped. Throws CorruptionError with the path and
/// offset when it is not whole or not of this view and so many rows.
std::vector<RowBlock> read_history_file(const std::string& path, uint32_t view,
                                        const ViewSpec& spec, int64_t rows);

}  // namespace cne::feature
