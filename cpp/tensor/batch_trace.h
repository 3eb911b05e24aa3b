#pragma once

#include "tensor/trace.h"

namespace cne::tensor {

/// A program of one example run for a batch of them: every value has one more axis in front than
/// the program sees.
class BatchTrace : public Trace {
 public:
  explicit BatchTrace(int64_t size);

  int64_t size() const { return size_; }
  /// What the program sees of a value whose first axis is that of the batch.
  Value input(const Value& value);
  /// The value with the axis in front, or as it is where it is the same for all.
  Value whole(const Value& value) const;
  bool is_batched(const Value& value) const { return tracer_of<Tracer>(value, *this) != nullptr; }

  Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) override;
  Value below(const Tracer& tracer) const override;
  Value weakened(const Value& wide) override;

 private:
  struct BatchTracer;

  int64_t size_;
};

}  // namespace cne::tensor
