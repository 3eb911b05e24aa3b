#pragma once

#include <string_view>

#include "core/byte_buffer.h"
#include "core/json_value.h"

namespace cne {

/// Reads a whole Universal Binary JSON document (draft 12; big-endian; counted and typed
/// containers) as the same values as JSON text. Throws CorruptionError that begins with `function`
/// and names the byte. Memory stays in proportion to the bytes: containers whose elements would
/// take none are refused.
JsonValue parse_ubjson(std::string_view bytes, const char* function);

/// Appends the value as XGBoost writes it: lengths as int64, arrays counted, packed arrays with a
/// type typed.
void write_ubjson(const JsonValue& value, ByteBuffer& out);

}  // namespace cne
