#pragma once

#include "gbdt/model.h"
#include "gbdt/model_bytes.h"

namespace cne::gbdt {

/// All of a model but its trees, the format of README.md.
void write_head(ModelWriter& out, const Model& model);

/// Reads it back, without trees. Throws CorruptionError.
Model read_head(ModelReader& in);

}  // namespace cne::gbdt
