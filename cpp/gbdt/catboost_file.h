#pragma once

#include "core/json_value.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

/// The model in a CatBoost JSON document of `bytes` bytes: symmetric and other trees over numbers
/// and one-hot categories, scale and bias. Throws CorruptionError naming `function` for what is no
/// such model, UnsupportedError for target statistics, text and embeddings.
Model read_catboost(const JsonValue& document, size_t bytes, const char* function);

/// The model as a CatBoost JSON document: numbers only. Thresholds are rounded to float32 so that
/// float32 inputs keep their way; splits that send missing values against their feature's rule get
/// one more split. Throws UnsupportedError that names what CatBoost cannot hold.
JsonValue write_catboost(const Model& model);

}  // namespace cne::gbdt
