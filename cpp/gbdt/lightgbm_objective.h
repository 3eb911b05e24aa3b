#pragma once

#include <string>
#include <string_view>

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// Reads the line `objective=` ("binary sigmoid:1"; empty: a custom one) for so many outputs.
/// `parameters` is the section of that name, where numbers stand that the line leaves out.
ObjectiveOptions read_lightgbm_objective(std::string_view line, std::string_view parameters,
                                         int outputs, const ForeignSource& source);

/// The line's value; empty for objectives that LightGBM need not know, whose predictions are the
/// scores. Throws UnsupportedError that names the objective.
std::string write_lightgbm_objective(const ObjectiveOptions& options);

}  // namespace cne::gbdt
