#pragma once

#include "tensor/trace.h"

namespace cne::tensor {

/// Derivatives by forward mode: carries along how values change in a direction. Its values have
/// elements, so a program may branch on them.
class JvpTrace : public Trace {
 public:
  JvpTrace();

  /// A value that changes by `tangent`, which has its type. A weak one is a number of Python, in
  /// full (see Value::is_weak).
  Value input(const Value& value, const Value& tangent, bool is_weak = false);
  Value primal(const Value& value) const;
  /// Absent where it does not change.
  Value tangent(const Value& value) const;

  Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) override;
  Value below(const Tracer& tracer) const override;
  Value weakened(const Value& wide) override;

 private:
  struct JvpTracer;
};

}  // namespace cne::tensor
