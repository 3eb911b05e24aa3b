#pragma once

#include "tensor/graph.h"

namespace cne::tensor {

/// Makes sums of arrays that were padded with zeros, of which each place has one that is no margin,
/// one array put together of parts: what derivatives of slices that cut an axis into pieces come
/// to. What nobody reads any more stays.
void join_padded_sums(Graph& graph);

}  // namespace cne::tensor
