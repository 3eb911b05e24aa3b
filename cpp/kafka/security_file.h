#pragma once

#include <string>
#include <vector>

#include "core/json_value.h"

namespace cne::kafka {

// What a broker keeps of users and rules: a text file of one JSON object a line, then a line
// "crc32c=" and the checksum of the lines before. It is written whole, beside the old one, synced
// and renamed: after a crash it is the old or the new one. Only its owner may read it.

/// The objects of a file; none when it is missing. Throws CorruptionError, IoError.
std::vector<JsonValue> load_security_file(const std::string& path);
/// Throws IoError; the file is the old one then.
void save_security_file(const std::string& path, const std::vector<JsonValue>& values);

}  // namespace cne::kafka
