#include "tensor/batch_trace.h"

#include <utility>

#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

struct BatchTrace::BatchTracer : Tracer {
  BatchTracer(std::shared_ptr<Trace> owner, Type seen, Value all)
      : Tracer(std::move(owner), std::move(seen)), whole(std::move(all)) {}
  Value whole;
};

BatchTrace::BatchTrace(int64_t size) : Trace("vmap"), size_(size) {}

Value BatchTrace::input(const Value& value) {
  if (value.rank() == 0 || value.shape()[0] != size_)
    throw ShapeError(message("vmap: expected an axis of ", size_, " examples in front, got ",
                             to_string(value.type())));
  Type seen = value.type();
  seen.shape.erase(0);
  return std::make_shared<const BatchTracer>(shared_from_this(), seen, value);
}

Value BatchTrace::whole(const Value& value) const {
  const auto* mine = tracer_of<BatchTracer>(value, *this);
  return mine == nullptr ? value : mine->whole;
}

Value BatchTrace::weakened(const Value& wide) {
  const Value settled = cast(wide, default_of(wide.element()));
  if (!is_batched(wide)) return settled;
  return weak_value(*tracer_of<BatchTracer>(settled, *this), wide.tracer());
}

Value BatchTrace::below(const Tracer&) const { return {}; }

Values BatchTrace::process(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  if (primitive.batch == nullptr)
    throw UnsupportedError(message(primitive.name, ": cannot be used inside vmap"));
  Values all;
  std::vector<uint8_t> batched;
  for (const Value& input : inputs) {
    batched.push_back(is_batched(input) ? 1 : 0);
    all.push_back(whole(input));
  }
  Values outputs = primitive.batch({params, all, batched, size_});
  for (Value& output : outputs) output = input(output);
  return outputs;
}

}  // namespace cne::tensor
