#pragma once

#include <vector>

#include "tensor/fusion.h"

namespace cne::tensor {

/// Has units compute again what other units would write for them, where that is made of single
/// elements of what they read, or of what is in memory anyway: a few operations in the first cache
/// cost less than an array that is written and read. So backward passes of activations and norms
/// read what went into these. `units` lie in the order in which they are run; an operation may then
/// be in several.
void recompute(const Graph& graph, std::vector<Unit>& units);

}  // namespace cne::tensor
