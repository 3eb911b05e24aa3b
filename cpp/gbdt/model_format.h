#pragma once

#include <string>
#include <string_view>

#include "gbdt/booster.h"

namespace cne::gbdt {

/// The model files that are known. ONNX is written only, in Python.
enum class ModelFormat { kCnengine, kXgboostJson, kXgboostUbj, kLightgbm, kCatboostJson };

/// "cnengine", "xgboost-json", ...; throws ArgumentError naming `function` and listing the formats.
ModelFormat find_format(std::string_view name, const char* function);

/// A model of any format, told by its bytes. Whatever is none throws CorruptionError naming
/// `function`; formats that are known but not read (XGBoost's old binary) throw
/// UnsupportedError.
Model read_model(std::string_view bytes, const char* function);

/// The bytes of a model in a format. Throws UnsupportedError that names what it cannot hold.
std::string write_model(const Model& model, ModelFormat format);

}  // namespace cne::gbdt
