#pragma once

#include <string>
#include <string_view>

#include "gbdt/booster.h"

namespace cne::gbdt {

/// A model as bytes, the format of README.md: the same model gives the same bytes.
std::string serialize(const Model& model);

/// Reads what `serialize` wrote. Any other bytes (cut, changed, hostile) throw CorruptionError that
/// names `function`; memory stays in proportion to the input. Another format version throws
/// UnsupportedError. Arrays are copied whole: nothing is parsed node by node.
Model deserialize(std::string_view bytes, const char* function);

/// The same with a file; it is replaced atomically, and mapped to be read. Throws IoError when it
/// cannot be written or read, and names the file in CorruptionError.
void save_model(const Model& model, const std::string& path);
Model load_model(const std::string& path);

}  // namespace cne::gbdt
