#pragma once

#include "tensor/graph.h"

namespace cne::tensor {

/// Makes products that are read transposed, and only so, as (a b)^T = b^T a^T: their elements then
/// lie in the order in which they are read. So derivatives of weights of x W^T lie as W does. What
/// nobody reads any more stays.
void turn_products(Graph& graph);

}  // namespace cne::tensor
