#pragma once

#include <string>
#include <string_view>

#include "gbdt/booster.h"

namespace cne::gbdt {

/// The model in LightGBM's text (versions v2 to v4): every kind of missing value, category sets,
/// linear leaves, random forests (their mean). Throws CorruptionError naming `function` for what is
/// no such text, UnsupportedError for objectives whose predictions cnengine cannot give.
Model read_lightgbm(std::string_view text, const char* function);

/// The model as LightGBM's text, version v4. Throws UnsupportedError that names what it cannot
/// hold.
std::string write_lightgbm(const Model& model);

}  // namespace cne::gbdt
