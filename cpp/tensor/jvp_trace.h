#pragma once

#include "tensor/trace.h"

namespace cne::tensor {

/// Derivatives by forward mode: carries along how values change in a direction. Its values have
/// elements, so a program may branch on them.
class JvpTrace : public Trace {
 public:
  JvpTrace();

  /// A value that changes by `tangent`, which has its type.
  Value input(const Value& value, const Value& tangent);
  Value primal(const Value& value) const;
  /// Absent where it does not change.
  Value tangent(const Value& value) const;

  Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) override;
  Value below(const Tracer& tracer) const override;

 private:
  struct JvpTracer;
};

}  // namespace cne::tensor
