#pragma once

#include "gbdt/foreign.h"

namespace cne::gbdt {

/// How XGBoost's `base_score` becomes a margin.
enum class XgboostLink : uint8_t { kIdentity, kLogit, kLog };

struct XgboostObjective {
  ObjectiveOptions options;
  XgboostLink link = XgboostLink::kIdentity;
};

/// Reads learner.objective; `classes` and `targets` are those of learner_model_param.
XgboostObjective read_xgboost_objective(const DocumentPart& objective, int classes, int targets);

/// base_score to margin in float32, as XGBoost computes it; NaN when it is out of range.
float xgboost_margin(XgboostLink link, float base_score);

/// The reverse; the result may be a little off, see the residual in the writer.
float xgboost_base_score(XgboostLink link, double margin);

/// Writes learner.objective and gives the link. Throws UnsupportedError that names the objective.
JsonValue write_xgboost_objective(const ObjectiveOptions& options, XgboostLink* link);

}  // namespace cne::gbdt
