#pragma once

#include <vector>

#include "tensor/fused_plan.h"
#include "tensor/graph.h"

namespace cne::tensor {

/// Operations that are run at once: one, or several that make a FusedKernel.
struct Unit {
  std::vector<int> nodes;  // of the graph, in its order
  // Of several:
  std::vector<int> outputs;  // the variables that are read outside
  Dims shape;                // of the places: the extents that are not 1
  int row_axes = -1;         // how many of its axes are rows; -1: there are no reductions

  bool is_fused() const { return nodes.size() > 1; }
};

/// The operations of a graph in an order in which they can be run; some in several units. Chains of
/// single elements, casts, choices and broadcasts go together, and with reductions of their last
/// axes.
std::vector<Unit> find_units(const Graph& graph);

/// A unit of several operations as a kernel, which reads `inputs` and writes `outputs`: variables.
struct LoweredUnit {
  FusedKernel kernel;
  FusedPlan plan;
  std::vector<int> inputs;
  std::vector<int> outputs;
};
LoweredUnit lower(const Graph& graph, const Unit& unit);

/// What an operation is inside a unit.
enum class FusionRole : uint8_t {
  kNone,   // it stands alone
  kPoint,  // elementwise, cast, where
  kAlias,  // a reshape by extents of 1, a broadcast
  kFold,   // a reduction of the last axes
};
FusionRole role_of(const Graph& graph, const Graph::Node& node);

/// The extents that are not 1.
Dims long_extents(const Dims& shape);
/// For each axis which of the long extents it is, or -1.
std::vector<int> long_axes(const Dims& shape);
/// Whether the long extents of an input are the first ones of a result that it is broadcast to, so
/// that one unit can have both.
bool lies_alike(const Dims& from, const Dims& shape);

}  // namespace cne::tensor
