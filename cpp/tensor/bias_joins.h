#pragma once

#include <span>
#include <vector>

#include "tensor/fusion.h"

namespace cne::tensor {

/// A product of matrices and a row that a program adds to it, which a device makes by one call:
/// out = a b + bias, of floats, where nothing else reads the product.
struct BiasJoin {
  int product;   // the node of the product
  int addition;  // that of the sum
  int bias;      // a variable that is there from the start
  int sum_of;    // the variable, the product or a reshape of it, that the sum adds the bias to
};

/// Those of units that are no more than an operation. A sum that is fused with what comes behind
/// it is left to that kernel, which reads the product anyway.
std::vector<BiasJoin> find_bias_joins(const Graph& graph, std::span<const Unit> units);

}  // namespace cne::tensor
