#pragma once

#include <string_view>

#include "core/json_value.h"

namespace cne::gbdt {

/// CatBoost's binary model (`.cbm`) as the document that its JSON would be, for read_catboost:
///
///   "CBM1", u32 bytes, the FlatBuffers table TModelCore; where statistics are used then u32 their
///   number and each as u32 bytes and the FlatBuffers table TCtrValueTable
///
/// The file has hashes of categories and not their text. Those that whole numbers from -1,000 to
/// 99,999 hash to are named; read_catboost refuses the others. Throws CorruptionError naming
/// `function` for what is no such file.
JsonValue read_catboost_binary(std::string_view bytes, const char* function);

}  // namespace cne::gbdt
