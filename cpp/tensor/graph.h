#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tensor/primitive.h"

namespace cne::tensor {

/// A program as it was traced: operations on variables, each set once, in the order in which they
/// were called.
struct Graph {
  struct Node {
    const Primitive* primitive;
    Params params;
    std::vector<int> inputs;
    std::vector<int> outputs;
    std::string where;  // "file.py:12", the caller's line, if known
  };

  std::vector<Type> types;  // by variable
  std::vector<int> inputs;
  std::vector<int> outputs;
  std::vector<std::pair<int, Value>> constants;
  std::vector<Node> nodes;

  int add_variable(Type type);
  /// Adds an operation; gives its first result.
  int add(const Primitive& primitive, const Params& params, std::vector<int> node_inputs,
          std::string where);
};

/// Makes inputs, in front of the others, of constants that belong to transformations; gives them.
Values hoist(Graph& graph);
/// Adds inputs that the program does not read.
void insert_inputs(Graph& graph, size_t at, std::span<const Type> types);

/// Whether a value fits where one of a type is expected: wherever both lie, as a program has all of
/// its values on one device.
inline bool fits(const Type& given, const Type& expected) {
  return given.element == expected.element && given.shape == expected.shape;
}

/// Throws TypeError unless these are the types of the inputs; see fits.
void check_arguments(const Graph& graph, std::span<const Type> types);

/// A line per operation.
std::string to_string(const Graph& graph);

/// Runs the operations one by one through `apply`, so that transformations of the inputs see them.
Values interpret(const Graph& graph, ValueSpan inputs);

}  // namespace cne::tensor
