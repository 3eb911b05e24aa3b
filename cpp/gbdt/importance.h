#pragma once

#include <string_view>
#include <vector>

#include "gbdt/model.h"

namespace cne::gbdt {

/// What a feature is worth to a model.
enum class Importance {
  kSplit,       // how many splits
  kTotalGain,   // the summed gain of its splits
  kGain,        // their mean
  kTotalCover,  // the summed weight (of hessians) of the training rows that met its splits
  kCover,       // their mean
};

/// "split", "total_gain", "gain", "total_cover", "cover"; ArgumentError naming `function`
/// otherwise.
Importance find_importance(std::string_view name, const char* function);

/// By input feature. A split on a derived feature counts for each of its inputs, its gain and
/// weight are shared among them equally.
std::vector<double> importance_of(const Model& model, Importance kind);

}  // namespace cne::gbdt
