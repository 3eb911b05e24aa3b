#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tensor/trace.h"

namespace cne::tensor {

/// Derivatives by reverse mode: writes down what is computed with its values, and goes back over
/// it. Its values have elements, so a program may branch on them.
class GradTrace : public Trace {
 public:
  GradTrace();

  /// What the program is called with: one more input to derive by. A weak one is a number of
  /// Python, in full (see Value::is_weak).
  Value input(const Value& value, bool is_weak = false);
  /// The value without its derivative, which is that of a constant.
  Value primal(const Value& value) const;
  /// The derivatives of outputs (weighted by `cotangents`, absent ones are zero) by the inputs in
  /// their order, absent where there are none. May be called again. `on_final` is called with the
  /// place of an input and its derivative as soon as nothing is added to it any more, once for
  /// each: those first that the program uses last.
  using OnFinal = std::function<void(size_t, const Value&)>;
  Values backward(ValueSpan outputs, ValueSpan cotangents, const OnFinal& on_final = {});
  /// Forgets what was written down.
  void clear();

  Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) override;
  Value below(const Tracer& tracer) const override;
  Value weakened(const Value& wide) override;

 private:
  /// An operation. Values of this trace are numbered; those of others have the number -1 (as have
  /// numbers of Python that do not depend on an input).
  struct Node {
    const Primitive* primitive;
    Params params;
    Values inputs;
    Values outputs;
    std::vector<int64_t> parents;  // by input
    int64_t first_output;
    size_t results;     // outputs less what `forward` adds
    std::string where;  // under debug_nans: the line that has called it
  };
  struct GradTracer;

  Value wrap(Value primal);
  std::vector<std::vector<size_t>> first_uses() const;
  Values cotangents_of(const Node& node, const Values& all) const;
  void backward_over(const Node& node, ValueSpan from, Values& sums) const;

  std::vector<Node> nodes_;
  std::vector<int64_t> inputs_;  // their numbers
  int64_t values_ = 0;
};

}  // namespace cne::tensor
