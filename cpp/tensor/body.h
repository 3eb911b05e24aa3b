#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tensor/graph.h"
#include "tensor/program.h"
#include "tensor/round.h"

namespace cne::tensor {

/// A program that an operation is told: its graph, and what that is compiled to once it is run.
/// Safe by threads. The graph's constants are arrays.
class Body {
 public:
  explicit Body(Graph graph) : graph_(std::move(graph)) {}

  const Graph& graph() const { return graph_; }
  size_t inputs() const { return graph_.inputs.size(); }
  size_t outputs() const { return graph_.outputs.size(); }
  const Type& input_type(size_t at) const {
    return graph_.types[static_cast<size_t>(graph_.inputs[at])];
  }
  const Type& output_type(size_t at) const {
    return graph_.types[static_cast<size_t>(graph_.outputs[at])];
  }
  std::vector<Type> output_types() const;
  std::vector<Array> run(std::span<const Array> inputs) const;
  /// How it is run many times with the same `constants` in front, a number that a loop always
  /// gives it; null where `run` is as good: for large or device's arrays, under debug_nans.
  const RoundPlan* rounds(size_t constants, std::span<const Array> inputs) const;

 private:
  const Program& program() const;

  Graph graph_;
  mutable std::once_flag compiled_;
  mutable std::optional<Program> program_;
  mutable std::once_flag planned_;
  mutable std::optional<RoundPlan> rounds_;
};

using BodyPtr = std::shared_ptr<const Body>;
inline BodyPtr make_body(Graph graph) { return std::make_shared<const Body>(std::move(graph)); }

/// Throws TypeError naming `function` unless the inputs have the types that the program takes.
void check_inputs(const Body& body, std::span<const Type> inputs, const char* function);

// The program run inside a transformation.

/// How the results change; absent where they do not.
Values run_jvp(const Body& body, ValueSpan inputs, ValueSpan tangents);
/// The derivatives by the inputs that are `wanted`; absent where there are none.
Values run_vjp(const Body& body, ValueSpan inputs, ValueSpan cotangents,
               std::span<const uint8_t> wanted);
/// The results, all with the axis of the batch in front.
Values run_batch(const Body& body, ValueSpan inputs, std::span<const uint8_t> batched,
                 int64_t size);

/// A program made by calling `f` with values of these types.
BodyPtr trace_body(std::span<const Type> inputs, const std::function<Values(ValueSpan)>& f);

}  // namespace cne::tensor
