#pragma once

#include <string>

#include "tensor/graph.h"
#include "tensor/trace.h"

namespace cne::tensor {

/// Writes down a program as a Graph without running it: its values have types and no elements.
class GraphTrace : public Trace {
 public:
  GraphTrace();

  /// An input of the program. A weak one is a number of Python, in full (see Value::is_weak).
  Value input(const Type& type, bool is_weak = false);
  /// The program that computes the outputs; the trace is over.
  Graph finish(ValueSpan outputs);

  Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) override;
  Value below(const Tracer& tracer) const override;
  Value weakened(const Value& wide) override;

  /// Where the program is now, as "file.py:12": called for every operation.
  static void set_locator(std::string (*locate)());

 private:
  struct GraphTracer;

  int variable_of(const Value& value);

  Graph graph_;
};

}  // namespace cne::tensor
