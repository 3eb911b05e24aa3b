#pragma once

#include <optional>

#include "core/buffer.h"
#include "feature/materialize.h"

namespace cne::feature {

/// A block as bytes, and back. Little endian; every part padded to 8 bytes, so that a mapped file
/// is read in place:
///
///   u32 rows, u32 columns (entities, event time, created, features), 8 bytes a column:
///     u8 type, u8 unit, u8 flags (1: has a validity bitmap), u8 0, u32 length of the zone
///   then a column: zone; validity bitmap; values (bool: bits), or int32 offsets (rows + 1) and
///   text
Buffer encode_block(const RowBlock& block);

/// Views the bytes (aligned to 8), which must be exactly one block with the spec's features and, if
/// the spec is typed, entity types. None when they are not: every length is checked.
std::optional<RowBlock> decode_block(const Buffer& bytes, const ViewSpec& spec);

}  // namespace cne::feature
