#pragma once

#include <string>

#include "core/json_value.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

/// The model in an XGBoost document (JSON or UBJSON, of XGBoost 1.0 to 3.x) of `bytes` bytes, with
/// XGBoost's arithmetic: inputs and sums are float32, an unknown category goes as XGBoost sends it.
/// Throws CorruptionError naming `function` for what is no such model, UnsupportedError for linear
/// boosters and objectives that cnengine has no match for.
Model read_xgboost(const JsonValue& document, size_t bytes, const char* function);

/// The model as an XGBoost 3 document. Numbers are rounded to float32, thresholds so that float32
/// inputs keep their way. Throws UnsupportedError that names what XGBoost cannot hold.
JsonValue write_xgboost(const Model& model);

}  // namespace cne::gbdt
