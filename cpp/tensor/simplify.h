#pragma once

#include "tensor/graph.h"

namespace cne::tensor {

/// The same program without what is computed twice, never used, or known already: operations on
/// constants are done once (results of up to 2^20 elements), equal operations merged, products with
/// one and moves that cancel each other left out, products made as they are read (turn_products),
/// and sums of padded parts put together (join_padded_sums).
Graph simplify(const Graph& graph);

}  // namespace cne::tensor
