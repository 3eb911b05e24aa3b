#pragma once

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// Reads model_info.params.loss_function of a model with so many outputs; losses without a match
/// become custom ones, which keep their scores.
ObjectiveOptions read_catboost_objective(const DocumentPart& document, int outputs);

/// The loss as CatBoost's parameters have it. Throws UnsupportedError that names the objective.
JsonValue write_catboost_objective(const ObjectiveOptions& options);

}  // namespace cne::gbdt
