#pragma once

#include "core/json_value.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

/// The model in a CatBoost JSON document of `bytes` bytes: symmetric and other trees over numbers,
/// one-hot categories and target statistics (which become derived features), scale and bias. Throws
/// CorruptionError naming `function` for what is no such model, UnsupportedError for text and
/// embeddings, and for categories whose text the file does not have.
Model read_catboost(const JsonValue& document, size_t bytes, const char* function);

/// The model as a CatBoost JSON document: numbers only. Thresholds are rounded to float32 so that
/// float32 inputs keep their way; splits that send missing values against their feature's rule get
/// one more split. Throws UnsupportedError that names what CatBoost cannot hold.
JsonValue write_catboost(const Model& model);

}  // namespace cne::gbdt
