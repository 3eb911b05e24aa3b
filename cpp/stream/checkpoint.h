#pragma once

#include <string>
#include <string_view>

namespace cne::stream {

/// Wraps a snapshot as the bytes of a checkpoint file, little-endian:
///
///   "CNESTRM1", u32 version (1), u32 CRC-32C of the payload, u64 its size, payload
std::string seal_checkpoint(std::string_view payload);

/// The payload of such a file, a view of `file`. Throws CorruptionError that names `path` when the
/// bytes are not what was written, UnsupportedError for a later version.
std::string_view open_checkpoint(std::string_view file, const std::string& path);

}  // namespace cne::stream
